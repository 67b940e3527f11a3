// Chips that drivers of the kernel read, and where those tell what they have read.

export interface KernelFile {
  /** In the folder of the device in hwmon or iio; of several the product. */
  readonly files: readonly string[];
  /** A file whose number is added to the first one's. */
  readonly plus?: string;
  /** What one of theirs is in our unit. */
  readonly per: number;
}

export interface KernelChip {
  readonly chip: string;
  readonly address: number;
  /** The module, and the name by which it takes the chip. */
  readonly module: string;
  readonly takes: string;
  /** Our field → where theirs is. */
  readonly reads: Readonly<Record<string, KernelFile>>;
  /** What a driver asks besides, or by other registers: as for drivers of Python. */
  readonly registers?: readonly (readonly [string, string])[];
  readonly steady?: readonly string[];
  /** A register of theirs → one of the description that holds the same. */
  readonly alias?: readonly (readonly [number, number])[];
}

const MILLI = 1e-3;
const temperature: KernelFile = { files: ['temp1_input'], per: MILLI };
const humidity: KernelFile = { files: ['humidity1_input'], per: MILLI };
const air = {
  temperature: { files: ['in_temp_input'], per: MILLI },
  pressure: { files: ['in_pressure_input'], per: 10 },
};

export const KERNEL_CHIPS: readonly KernelChip[] = [
  { chip: 'lm75', address: 0x48, module: 'lm75', takes: 'lm75', reads: { temperature } },
  {
    chip: 'mcp9808',
    address: 0x18,
    module: 'jc42',
    takes: 'jc42',
    reads: { temperature },
    registers: [
      ['00', '0077'],
      ['01', '0000'],
      ['06', '0054'],
      ['07', '0400'],
    ],
  },
  { chip: 'sht31', address: 0x44, module: 'sht3x', takes: 'sht3x', reads: { temperature, humidity } },
  { chip: 'sht4x', address: 0x44, module: 'sht4x', takes: 'sht4x', reads: { temperature, humidity } },
  {
    chip: 'htu21d',
    address: 0x40,
    module: 'sht21',
    takes: 'sht21',
    reads: { temperature, humidity },
    alias: [
      [0xe3, 0xf3],
      [0xe5, 0xf5],
    ],
  },
  {
    chip: 'ads7828',
    address: 0x48,
    module: 'ads7828',
    takes: 'ads7828',
    reads: Object.fromEntries(
      [0, 1, 2, 3, 4, 5, 6, 7].map((input) => [
        `voltage_${String(input)}`,
        { files: [`in${String(input)}_input`], per: MILLI },
      ]),
    ),
  },
  {
    chip: 'bh1750',
    address: 0x23,
    module: 'bh1750',
    takes: 'bh1750',
    // It has the chip measure half as finely: there the same number is twice as much light.
    reads: { lux: { files: ['in_illuminance_raw', 'in_illuminance_scale'], per: 0.5 } },
  },
  {
    chip: 'mlx90614',
    address: 0x5a,
    module: 'mlx90614',
    takes: 'mlx90614',
    reads: {
      ambient: {
        files: ['in_temp_ambient_raw', 'in_temp_scale'],
        plus: 'in_temp_offset',
        per: MILLI,
      },
      object: {
        files: ['in_temp_object_raw', 'in_temp_scale'],
        plus: 'in_temp_offset',
        per: MILLI,
      },
    },
  },
  {
    chip: 'ina226',
    address: 0x40,
    module: 'ina2xx-adc',
    takes: 'ina226',
    reads: {
      shunt_voltage: { files: ['in_voltage0_raw', 'in_voltage0_scale'], per: MILLI },
      bus_voltage: { files: ['in_voltage1_raw', 'in_voltage1_scale'], per: MILLI },
    },
  },
  {
    chip: 'ads1115',
    address: 0x48,
    module: 'ti-ads1015',
    takes: 'ads1115',
    reads: { raw: { files: ['in_voltage0_raw'], per: 1 } },
  },
  { chip: 'bmp280', address: 0x77, module: 'bmp280-i2c', takes: 'bmp280', reads: air },
  {
    chip: 'bme280',
    address: 0x77,
    module: 'bmp280-i2c',
    takes: 'bme280',
    reads: { ...air, humidity: { files: ['in_humidityrelative_input'], per: MILLI } },
  },
  {
    chip: 'bmp180',
    address: 0x77,
    module: 'bmp280-i2c',
    takes: 'bmp180',
    reads: air,
    registers: [['F4', '00']],
    steady: ['F4'],
  },
  {
    chip: 'max44009',
    address: 0x4a,
    module: 'max44009',
    takes: 'max44009',
    reads: { lux: { files: ['in_illuminance_input'], per: 1 } },
  },
];
