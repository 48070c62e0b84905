/** VNFD of a function of one VDU that forwards: data in and out at `data`, managed over `mgmt`. */
export function functionVnfd(
  id: string,
  options: { readonly image?: string; readonly flavour?: string; readonly vcpus?: number } = {},
) {
  const { image = `${id}-image`, flavour = '', vcpus = 1 } = options;
  return `
vnfd:
  id: ${id}
  product-name: ${id}
  version: '1.0'
  mgmt-cp: mgmt-ext
  virtual-compute-desc:
    - id: small
      virtual-cpu: { num-virtual-cpu: ${vcpus} }
      virtual-memory: { size: 1 }
  sw-image-desc:
    - { id: image, name: ${image} }
  vdu:
    - id: vm
      sw-image-desc: image
      virtual-compute-desc: small
      monitoring-parameter:
        - { id: vm_cpu, name: vm_cpu, performance-metric: cpu_utilization }
      int-cpd:
        - { id: mgmt, virtual-network-interface-requirement: [{ name: eth0, position: 1 }] }
        - { id: data, virtual-network-interface-requirement: [{ name: eth1, position: 2 }] }
  ext-cpd:
    - { id: mgmt-ext, int-cpd: { vdu-id: vm, cpd: mgmt } }
    - { id: data-ext, int-cpd: { vdu-id: vm, cpd: data } }
  df:
    - id: default
      vdu-profile:
        - { id: vm, min-number-of-instances: 1, max-number-of-instances: 4 }
      instantiation-level:
        - { id: default, vdu-level: [{ vdu-id: vm, number-of-instances: 1 }] }
${flavour}`;
}

/** The VNFD with these alarms of its VDU, which measures `vm_cpu`. */
export function withAlarms(vnfd: string, alarms: string): string {
  return vnfd.replace('      int-cpd:\n', `      alarm:${alarms}      int-cpd:\n`);
}

/** A flavour that scales by load: out at 60 %, in at 15 %, after a window of 2 s, with a cooldown of 10 s. */
export const SCALES = `
      scaling-aspect:
        - id: by-load
          max-scale-level: 3
          aspect-delta-details: { deltas: [{ id: one, vdu-delta: [{ id: vm, number-of-instances: 1 }] }] }
          scaling-policy:
            - name: load
              scaling-type: automatic
              enabled: true
              threshold-time: 2
              cooldown-time: 10
              scaling-criteria:
                - { name: cpu, scale-out-relational-operation: GE, scale-out-threshold: 60, scale-in-relational-operation: LE, scale-in-threshold: 15, vnf-monitoring-param-ref: vm_cpu }
`;

/** Primitives: \`hello\` on the first day, \`paint\` on demand, \`goodbye\` at the end. */
export const PRIMITIVES = `
      lcm-operations-configuration:
        operate-vnf-op-config:
          day1-2:
            - id: vm
              initial-config-primitive:
                - { seq: 1, name: hello, parameter: [{ name: at, value: <rw_mgmt_ip> }, { name: to, value: <whom> }] }
              config-primitive:
                - { name: paint, parameter: [{ name: colour, data-type: STRING, default-value: red }] }
              terminate-config-primitive:
                - { seq: 1, name: goodbye }
`;

/** NSD of two functions on one network, with flows to port 80 led through the first to the second. */
export function shopNsd(first: string, second: string, id = 'shop-ns') {
  return `
nsd:
  nsd:
    - id: ${id}
      name: ${id}
      version: '1.0'
      vnfd-id: [${[...new Set([first, second])].join(', ')}]
      virtual-link-desc:
        - { id: mgmt, mgmt-network: true }
        - { id: data }
      vnffgd:
        - id: graph
          vnf-profile-id: [wall, web]
          nfpd:
            - id: path
              position-desc-id:
                - id: position
                  cp-profile-id:
                    - id: profile
                      constituent-profile-elements:
                        - { id: a, order: 0, constituent-base-element-id: wall, ingress-constituent-cpd-id: data-ext, egress-constituent-cpd-id: data-ext }
                        - { id: b, order: 1, constituent-base-element-id: web, ingress-constituent-cpd-id: data-ext, egress-constituent-cpd-id: data-ext }
                  match-attributes:
                    - { id: http, ip-proto: 6, destination-ip-address: 10.9.0.2, destination-port: 80 }
                    - { id: https, ip-proto: 6, destination-ip-address: 10.9.0.2, destination-port: 443 }
      df:
        - id: default
          vnf-profile:
            - id: wall
              vnfd-id: ${first}
              virtual-link-connectivity:
                - { virtual-link-profile-id: mgmt, constituent-cpd-id: [{ constituent-base-element-id: wall, constituent-cpd-id: mgmt-ext }] }
                - { virtual-link-profile-id: data, constituent-cpd-id: [{ constituent-base-element-id: wall, constituent-cpd-id: data-ext }] }
            - id: web
              vnfd-id: ${second}
              virtual-link-connectivity:
                - { virtual-link-profile-id: mgmt, constituent-cpd-id: [{ constituent-base-element-id: web, constituent-cpd-id: mgmt-ext }] }
                - { virtual-link-profile-id: data, constituent-cpd-id: [{ constituent-base-element-id: web, constituent-cpd-id: data-ext, ip-address: 10.9.0.2 }] }
`;
}
