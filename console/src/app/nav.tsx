import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { ViewLink } from '../parts/link.tsx';
import { VIEWS } from './views.ts';

export function Nav() {
  const [path] = useLocation();
  const menu = useRef<HTMLElement>(null);
  // On a narrow screen it is a strip that does not show all of them.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another path, another one that is current
  useEffect(() => {
    menu.current
      ?.querySelector('[aria-current="page"]')
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [path]);
  return (
    <nav ref={menu} className="menu" aria-label="Views">
      <ul>
        {VIEWS.map(({ name, paths: [first], hint }) => (
          <li key={first} title={hint}>
            <ViewLink to={first} current={first === '/' ? path === '/' : path.startsWith(first)}>
              {name}
            </ViewLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
