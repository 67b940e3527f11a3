// What a number means to Home Assistant: how it writes the unit, and its device class.
import { isSensorClass, isTotal, takesUnit, type SensorClass } from './classes.js';

/** Home Assistant's unit, how people write it as well, and what it is where the name does not tell. */
type Line = readonly [unit: string, also: readonly string[], of?: SensorClass];

const LINES: readonly Line[] = [
  ['°C', ['C', '℃', 'degC', 'deg C', 'ºC'], 'temperature'],
  ['°F', ['F', '℉', 'degF', 'deg F', 'ºF'], 'temperature'],
  ['K', [], 'temperature'],
  // A percentage is of anything: only its own sign for relative humidity tells.
  ['%', ['percent', '％']],
  ['%', ['%RH', '%rH', '%rh', '% RH', '% rH', 'RH', 'rH', '%RF'], 'humidity'],
  ['g/m³', ['g/m3'], 'absolute_humidity'],
  ['hPa', ['hpa'], 'atmospheric_pressure'],
  ['mbar', [], 'atmospheric_pressure'],
  ['Pa', [], 'pressure'],
  ['kPa', [], 'pressure'],
  ['bar', [], 'pressure'],
  ['psi', [], 'pressure'],
  ['V', ['volt', 'volts', 'Volt'], 'voltage'],
  ['mV', [], 'voltage'],
  ['μV', ['µV', 'uV'], 'voltage'],
  ['A', ['amp', 'Ampere'], 'current'],
  ['mA', [], 'current'],
  ['μA', ['µA', 'uA'], 'current'],
  ['W', ['watt', 'Watt'], 'power'],
  ['mW', [], 'power'],
  ['kW', [], 'power'],
  ['VA', [], 'apparent_power'],
  ['var', ['VAr', 'VAR'], 'reactive_power'],
  ['Wh', [], 'energy'],
  ['kWh', [], 'energy'],
  ['lx', ['lux', 'Lux'], 'illuminance'],
  ['W/m²', ['W/m2'], 'irradiance'],
  ['Hz', ['hz'], 'frequency'],
  ['kHz', [], 'frequency'],
  ['MHz', [], 'frequency'],
  ['mm', [], 'distance'],
  ['cm', [], 'distance'],
  ['m', [], 'distance'],
  ['km', [], 'distance'],
  ['μs', ['µs', 'us'], 'duration'],
  ['ms', [], 'duration'],
  ['s', ['sec'], 'duration'],
  ['min', [], 'duration'],
  ['h', [], 'duration'],
  ['d', [], 'duration'],
  ['g', [], 'weight'],
  ['kg', [], 'weight'],
  ['mg', [], 'weight'],
  ['L', ['l', 'litre', 'liter'], 'volume_storage'],
  ['mL', ['ml'], 'volume_storage'],
  ['m³', ['m3'], 'volume_storage'],
  ['L/min', ['l/min'], 'volume_flow_rate'],
  ['L/h', ['l/h'], 'volume_flow_rate'],
  ['m³/h', ['m3/h'], 'volume_flow_rate'],
  ['m/s', [], 'speed'],
  ['km/h', ['kmh', 'kph'], 'speed'],
  ['mm/h', [], 'precipitation_intensity'],
  ['μS/cm', ['µS/cm', 'uS/cm'], 'conductivity'],
  ['mS/cm', [], 'conductivity'],
  ['dBm', [], 'signal_strength'],
  ['B', ['byte', 'bytes'], 'data_size'],
  ['kB', ['KB'], 'data_size'],
  ['MB', [], 'data_size'],
  ['Bq/m³', ['Bq/m3'], 'radon'],
  // Of which gas or dust the unit does not tell.
  ['ppm', []],
  ['ppb', []],
  ['μg/m³', ['µg/m³', 'ug/m³', 'µg/m3', 'ug/m3', 'μg/m3']],
  ['mg/m³', ['mg/m3']],
  ['°', ['deg', 'º']],
];

const UNITS: ReadonlyMap<string, { readonly unit: string; readonly of?: SensorClass }> = new Map(
  LINES.flatMap(([unit, also, of]) => {
    // The first line of a unit is the plain one's.
    const meant = { unit, ...(of === undefined ? {} : { of }) };
    return [unit, ...also].map((written) => [written, meant] as const);
  }).toReversed(),
);

/** Names of fields that are a class's under another name. */
const ALSO_CALLED: Readonly<Record<string, SensorClass>> = {
  co: 'carbon_monoxide',
  co2: 'carbon_dioxide',
  eco2: 'carbon_dioxide',
  no2: 'nitrogen_dioxide',
  so2: 'sulphur_dioxide',
  o3: 'ozone',
  voc: 'volatile_organic_compounds',
  tvoc: 'volatile_organic_compounds_parts',
  pm1_0: 'pm1',
  pm2_5: 'pm25',
  rain: 'precipitation',
  soil_moisture: 'moisture',
  rssi: 'signal_strength',
};

export interface NumberMeaning {
  readonly unit?: string;
  readonly deviceClass?: SensorClass;
}

export interface DescribedNumber {
  readonly id: string;
  readonly unit?: string;
  /** What the description says that it is. */
  readonly deviceClass?: string;
}

/** How Home Assistant writes it; what it does not know stays as it is, and it shows that. */
export function unitOf(unit: string | undefined): string | undefined {
  return unit === undefined ? undefined : (UNITS.get(unit.trim())?.unit ?? unit);
}

/**
 * What is said, else what the id says, else what the unit does: the first of them that takes the unit. With none of them it is
 * a number with its unit, which Home Assistant takes whatever it is.
 */
export function meaningOf(described: DescribedNumber): NumberMeaning {
  if (isCharge(described)) return { unit: 'C' };
  const { id, unit: written, deviceClass: said } = described;
  const unit = unitOf(written);
  const byUnit = written === undefined ? undefined : UNITS.get(written.trim())?.of;
  const named = classesNamedIn(id).filter((of) => !isTotal(of));
  const candidates = [...(said !== undefined && isSensorClass(said) ? [said] : []), ...named];
  const deviceClass = [...candidates, ...(byUnit === undefined ? [] : [byUnit])].find((of) =>
    takesUnit(of, unit),
  );
  return {
    ...(unit === undefined ? {} : { unit }),
    ...(deviceClass === undefined ? {} : { deviceClass }),
  };
}

/** What is called a charge is in coulomb, of which Home Assistant knows nothing; all other `C` are degrees. */
function isCharge({ id, unit, deviceClass }: DescribedNumber): boolean {
  return unit?.trim() === 'C' && deviceClass === undefined && wordsOf(id).at(-1) === 'charge';
}

/** Without the numbers at the end, which say which of several alike it is. */
function wordsOf(id: string): string[] {
  const words = id.split(/[_-]/);
  while (words.length > 1 && /^\d+$/.test(words.at(-1) ?? '') && !/^pm\d$/.test(words.at(-2) ?? ''))
    words.pop();
  return words;
}

/** By all of the id, and by its last word: `air_temperature`, `temperature-2`. */
function classesNamedIn(id: string): SensorClass[] {
  const words = wordsOf(id);
  return [words.join('_'), words.at(-1) ?? ''].flatMap((name) => {
    const of = ALSO_CALLED[name] ?? name;
    return isSensorClass(of) ? [of] : [];
  });
}
