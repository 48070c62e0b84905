import { useRoute } from 'wouter';
import { WhatIfDetail } from './what-if-detail.tsx';
import { WhatIfList } from './what-if-list.tsx';

/** What would come of a change, found out in a fork of what is up. */
export function WhatIf() {
  const [chosen, params] = useRoute('/what-if/:id');
  return chosen ? <WhatIfDetail key={params.id} id={decodeURIComponent(params.id)} /> : <WhatIfList />;
}
