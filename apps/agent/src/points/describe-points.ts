import type { DiscoveredPoints, FoundClock } from '#edge';

/** What was found on the device, for people. */
export function describePoints({ clocks, operatingPoints, emulated }: DiscoveredPoints): string {
  const found = clocks.length === 0 ? ['  none'] : clocks.map((clock) => `  ${describeClock(clock)}`);
  const offer = emulated
    ? 'No clock of the chosen kinds can be pinned here. EMULATED operating points, by shares of CPU time:'
    : 'Operating points (measure them with --real-clocks):';
  const points = operatingPoints.map(({ name, ...settings }) => {
    const values = Object.entries(settings).map(([field, value]) => `${field} ${value}`);
    return `  ${name}: ${values.join(', ')}`;
  });
  return ['Clocks:', ...found, '', offer, ...points, ''].join('\n');
}

function describeClock(clock: FoundClock): string {
  const { name, axis, listedHz, lowestHz, highestHz, governor, cpus, notPinnable } = clock;
  const parts = [
    `${name} (${axis ?? 'unknown'})`,
    ...(cpus.length > 0 ? [`CPUs ${cpus.join(' ')}`] : []),
    ...(lowestHz === undefined || highestHz === undefined ? [] : [`${mhz(lowestHz)}..${mhz(highestHz)} MHz`]),
    ...(listedHz.length > 0 ? [`${listedHz.length} clocks`] : []),
    ...(governor === undefined ? [] : [`governor ${governor}`]),
    notPinnable === undefined ? 'can be pinned' : `cannot be pinned: ${notPinnable}`,
  ];
  return parts.join(', ');
}

const mhz = (hz: number) => hz / 1e6;
