import { useRoute } from 'wouter';
import { ServiceDetail } from './service-detail.tsx';
import { ServiceList } from './service-list.tsx';
import './services.css';

/** The services, what each consists of, and what is being done to it. */
export function Services() {
  const [chosen, params] = useRoute('/services/:id');
  return chosen ? <ServiceDetail key={params.id} named={decodeURIComponent(params.id)} /> : <ServiceList />;
}
