import type { ReactNode } from 'react';
import { Component } from 'react';

interface Props {
  readonly children: ReactNode;
}

/** One view that fails takes no other with it. */
export class WithinBounds extends Component<Props, { readonly failed: Error | undefined }> {
  override readonly state = { failed: undefined as Error | undefined };

  static getDerivedStateFromError(failed: Error) {
    return { failed };
  }

  override render(): ReactNode {
    const { failed } = this.state;
    if (failed === undefined) return this.props.children;
    return (
      <div className="refused" role="alert">
        <strong>This view has failed: {failed.message}.</strong> Load the page again; the other views go on.
        If it happens again, please tell us what you looked at.
      </div>
    );
  }
}
