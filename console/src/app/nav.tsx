import { useLocation } from 'wouter';
import { ViewLink } from '../parts/link.tsx';
import { VIEWS } from './views.ts';

export function Nav() {
  const [path] = useLocation();
  return (
    <nav className="menu" aria-label="Views">
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
