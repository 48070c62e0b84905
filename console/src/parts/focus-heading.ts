/** Puts the focus on the heading of the view: what had it is gone, or cannot be used for a while. */
export function focusHeading(): void {
  document.getElementById('view-title')?.focus({ preventScroll: true });
}
