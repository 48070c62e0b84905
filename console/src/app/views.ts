import type { ComponentType, LazyExoticComponent } from 'react';
import { lazy } from 'react';
import { Overview } from '../views/overview/overview.tsx';

export interface ViewEntry {
  readonly name: string;
  /** The first is where the menu leads to. */
  readonly paths: readonly [string, ...string[]];
  /** Why one would go there. */
  readonly hint: string;
  readonly View: ComponentType | LazyExoticComponent<ComponentType>;
}

/** All views, in the order of the menu; each is loaded when one first goes there. */
export const VIEWS: readonly ViewEntry[] = [
  { name: 'Overview', paths: ['/'], hint: 'whether all is well', View: Overview },
  {
    name: 'Topology',
    paths: ['/topology'],
    hint: 'sites, hosts and links, and who is where',
    View: lazy(async () => ({ default: (await import('../views/topology/topology.tsx')).Topology })),
  },
  {
    name: 'Placement',
    paths: ['/placement'],
    hint: 'what runs where, and how full that makes it',
    View: lazy(async () => ({ default: (await import('../views/placement/placement.tsx')).Placement })),
  },
  {
    name: 'What if',
    paths: ['/what-if', '/what-if/:id'],
    hint: 'what would come of a change, found out in a fork of what is up',
    View: lazy(async () => ({ default: (await import('../views/what-if/what-if.tsx')).WhatIf })),
  },
  {
    name: 'Services',
    paths: ['/services', '/services/:id'],
    hint: 'what runs for whom, and what is done to it',
    View: lazy(async () => ({ default: (await import('../views/services/services.tsx')).Services })),
  },
  {
    name: 'Packages',
    paths: ['/packages'],
    hint: 'drop packages and service files, and see what is wrong with them',
    View: lazy(async () => ({ default: (await import('../views/packages/packages.tsx')).Packages })),
  },
  {
    name: 'Auctions',
    paths: ['/auctions', '/auctions/*'],
    hint: 'who bid what, and why it won',
    View: lazy(async () => ({ default: (await import('../views/auctions/auctions.tsx')).Auctions })),
  },
  {
    name: 'Agents',
    paths: ['/agents', '/agents/:name'],
    hint: 'what an agent believes, wants and does',
    View: lazy(async () => ({ default: (await import('../views/agents/agents.tsx')).Agents })),
  },
  {
    name: 'Attestation',
    paths: ['/attestation', '/attestation/:agent'],
    hint: 'who measures whom, and what came of it',
    View: lazy(async () => ({
      default: (await import('../views/attestation/attestation-view.tsx')).AttestationView,
    })),
  },
  {
    name: 'Ledger',
    paths: ['/ledger'],
    hint: 'what stands in the ledger, and whether it can be believed',
    View: lazy(async () => ({ default: (await import('../views/ledger/ledger-view.tsx')).LedgerView })),
  },
  {
    name: 'Keys',
    paths: ['/keys'],
    hint: 'who holds which epoch of the group key',
    View: lazy(async () => ({ default: (await import('../views/keys/keys-view.tsx')).KeysView })),
  },
  {
    name: 'Journal',
    paths: ['/journal', '/why/:id'],
    hint: 'everything that happened, and why',
    View: lazy(async () => ({ default: (await import('../views/journal/journal-view.tsx')).JournalView })),
  },
  {
    name: 'Scenarios',
    paths: ['/scenarios'],
    hint: 'run an attack and watch it being fought',
    View: lazy(async () => ({ default: (await import('../views/scenarios/scenarios.tsx')).Scenarios })),
  },
];
