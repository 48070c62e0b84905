interface Props {
  readonly name: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number | 'any';
  onChange(value: string): void;
}

/** A number within its bounds. */
export function NumberField({ name, value, min, max, step = 1, onChange }: Props) {
  return (
    <label>
      {name}
      <input
        type="number"
        required
        value={Number.isFinite(value) ? value : ''}
        min={min}
        max={max}
        step={step}
        onChange={({ target }) => onChange(target.value)}
      />
    </label>
  );
}
