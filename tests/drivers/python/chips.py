"""How each driver is set up and asked, as its own documentation has it. What it says goes by our names of the fields."""

from importlib import import_module

from wire import Busio, Transceiver


def adafruit(module, name, fields, make=None, more=None):
    """`fields`: ours → the attribute of theirs, or what reads all. `more`: what is done before it is read."""

    def read(address):
        kind = getattr(import_module(module), name)
        chip = make(kind, address) if make else kind(Busio(), address)
        if more:
            more(chip)
        if callable(fields):
            return fields(chip)
        return {ours: theirs(chip) if callable(theirs) else getattr(chip, theirs) for ours, theirs in fields.items()}

    return read


def alone(kind, _):
    """Of a driver that knows but one address."""
    return kind(Busio())


def sensirion(module, name, read, polynomial=(8, 0x31, 0xFF, 0x00)):
    def run(address):
        from sensirion_driver_adapters.i2c_adapter.i2c_channel import I2cChannel
        from sensirion_i2c_driver import CrcCalculator, I2cConnection

        channel = I2cChannel(I2cConnection(Transceiver()), slave_address=address, crc=CrcCalculator(*polynomial))
        return read(getattr(import_module(module), name)(channel))

    return run


def named(*names):
    return lambda values: dict(zip(names, values))


def stamp(moment):
    return "%04d-%02d-%02dT%02d:%02d:%02d" % tuple(moment)[:6]


COLOURS = [f"f{index}" for index in range(1, 9)]
TEMPERATURE = {"temperature": "temperature"}
CLIMATE = {"temperature": "temperature", "humidity": "relative_humidity"}
AIR = {"temperature": "temperature", "pressure": "pressure"}
ANALOG_0 = {"voltage": lambda ads: import_module("adafruit_ads1x15").AnalogIn(ads, 0).voltage}
CELL = {"cell_voltage": "cell_voltage", "cell_percent": "cell_percent"}
POWER = {name: name for name in ("bus_voltage", "shunt_voltage", "current", "power")}
POWER_CHIP = POWER | {"die_temperature": "die_temperature"}


def ads(kind, address):
    chip = kind(Busio(), address=address)
    chip.gain = 1
    return chip


def scd4x(device):
    device.start_periodic_measurement()
    ready = device.get_data_ready_status()
    values = named("co2", "temperature", "humidity")(device.read_measurement()) if ready else {}
    return {"data_ready": ready, **values}


def scd41_single(device):
    device.measure_single_shot()
    return named("co2", "temperature", "humidity")(device.read_measurement())


def scd41_climate(device):
    device.measure_single_shot_rht_only()
    return named("_", "temperature", "humidity")(device.read_measurement())


def sen66(device):
    device.start_continuous_measurement()
    device.get_data_ready()
    names = "pm1 pm2_5 pm4 pm10 humidity temperature voc_index nox_index co2".split()
    return named(*names)(device.read_measured_values())


def sfa3x(device):
    device.start_continuous_measurement()
    return named("formaldehyde", "humidity", "temperature")(device.read_measured_values())


def stcc4(device):
    device.start_continuous_measurement()
    return named("co2", "temperature", "humidity")(device.read_measurement())


def vl53l1x(chip):
    chip.start_ranging()


def light(chip):
    chip.light_gain = chip.ALS_GAIN_1_8


def pin_values(count):
    def value(chip):
        return chip.gpio & ((1 << count) - 1)

    return value


def sps30(device):
    from sensirion_i2c_sps30.commands import OutputFormat

    device.start_measurement(OutputFormat.OUTPUT_FORMAT_FLOAT)
    device.read_data_ready_flag()
    names = "pm1 pm2_5 pm4 pm10 count_0_5 count_1 count_2_5 count_4 count_10 typical_size".split()
    return named(*names)(device.read_measurement_values_float())


def ina3221(chip):
    inputs = [(number, chip[number - 1]) for number in (1, 2, 3)]
    volts = {f"shunt_voltage_{number}": one.shunt_voltage / 1000 for number, one in inputs}
    return volts | {f"bus_voltage_{number}": one.bus_voltage for number, one in inputs}


def pcf8591(chip):
    analog = import_module("adafruit_pcf8591.analog_in").AnalogIn
    return {f"voltage_{number}": analog(chip, number).voltage for number in range(4)}


CHIPS = {
    "24c32": adafruit("adafruit_24lc32", "EEPROM_I2C", {"first": lambda it: it[0:16].hex()}),
    "ads1015": adafruit("adafruit_ads1x15", "ADS1015", ANALOG_0, ads),
    "ads1115": adafruit("adafruit_ads1x15", "ADS1115", ANALOG_0, ads),
    "adt7410": adafruit("adafruit_adt7410", "ADT7410", TEMPERATURE, more=lambda it: setattr(it, "high_resolution", True)),
    "aht20": adafruit("adafruit_ahtx0", "AHTx0", CLIMATE),
    "as7341": adafruit("adafruit_as7341", "AS7341", lambda it: named(*COLOURS)(it.all_channels)),
    "bh1750": adafruit("adafruit_bh1750", "BH1750", {"lux": "lux"}),
    "bme280": adafruit("adafruit_bme280.basic", "Adafruit_BME280_I2C", AIR | {"humidity": "humidity"}),
    "bmp280": adafruit("adafruit_bmp280", "Adafruit_BMP280_I2C", AIR),
    "bmp388": adafruit("adafruit_bmp3xx", "BMP3XX_I2C", AIR),
    "bmp581": adafruit(
        "adafruit_bmp5xx", "BMP5XX", AIR, lambda kind, address: kind.over_i2c(Busio(), address)
    ),
    "dps310": adafruit("adafruit_dps310.basic", "DPS310", AIR),
    "ds3231": adafruit("adafruit_ds3231", "DS3231", TEMPERATURE | {"time": lambda it: stamp(it.datetime)}, alone),
    "ens160": adafruit(
        "adafruit_ens160",
        "ENS160",
        {
            "aqi": "AQI",
            "tvoc": "TVOC",
            "eco2": "eCO2",
            "validity": "data_validity",
        },
    ),
    "hdc302x": adafruit("adafruit_hdc302x", "HDC302x", CLIMATE),
    "hts221": adafruit("adafruit_hts221", "HTS221", CLIMATE, alone),
    "htu21d": adafruit("adafruit_htu21d", "HTU21D", CLIMATE),
    "ina219": adafruit(
        "adafruit_ina219",
        "INA219",
        {
            "shunt_voltage": "shunt_voltage",
            "bus_voltage": "bus_voltage",
            "current": "current",
            "power": "power",
            "overflow": lambda it: bool(it.overflow),
        },
    ),
    "ina228": adafruit("adafruit_ina228", "INA228", POWER_CHIP | {"energy": "energy", "charge": "charge"}),
    "ina237": adafruit("adafruit_ina23x", "INA23X", POWER_CHIP),
    "ina3221": adafruit("adafruit_ina3221", "INA3221", ina3221),
    "ina260": adafruit("adafruit_ina260", "INA260", {"current": "current", "voltage": "voltage", "power": "power"}),
    "lc709203f": adafruit("adafruit_lc709203f", "LC709203F", CELL),
    "lps22hb": adafruit("adafruit_lps2x", "LPS22", AIR),
    "ltr390": adafruit("adafruit_ltr390", "LTR390", {name: name for name in ("uvs", "light", "lux", "uvi")}),
    "max17048": adafruit("adafruit_max1704x", "MAX17048", CELL | {"charge_rate": "charge_rate"}),
    "max44009": adafruit("adafruit_max44009", "MAX44009", {"lux": "lux"}),
    "mcp23008": adafruit("adafruit_mcp230xx.mcp23008", "MCP23008", {"gpio": pin_values(8)}),
    "mcp23017": adafruit("adafruit_mcp230xx.mcp23017", "MCP23017", {"gpio": pin_values(16)}),
    "mcp4725": adafruit(
        "adafruit_mcp4725", "MCP4725", {"raw": "raw_value"}, lambda kind, address: kind(Busio(), address=address)
    ),
    "mcp9600": adafruit(
        "adafruit_mcp9600",
        "MCP9600",
        TEMPERATURE | {"ambient": "ambient_temperature", "delta": "delta_temperature"},
    ),
    "mcp9808": adafruit("adafruit_mcp9808", "MCP9808", TEMPERATURE),
    "mlx90614": adafruit(
        "adafruit_mlx90614", "MLX90614", {"ambient": "ambient_temperature", "object": "object_temperature"}
    ),
    "mprls": adafruit(
        "adafruit_mprls", "MPRLS", {"pressure": "pressure"}, lambda kind, address: kind(Busio(), addr=address)
    ),
    "pca9685": adafruit(
        "adafruit_pca9685",
        "PCA9685",
        {"frequency": "frequency", "duty_cycle": lambda it: it.channels[3].duty_cycle},
        lambda kind, address: kind(Busio(), address=address),
    ),
    "pcf8523": adafruit(
        "adafruit_pcf8523.pcf8523",
        "PCF8523",
        {"time": lambda it: stamp(it.datetime), "lost_power": "lost_power"},
        alone,
    ),
    "pcf8574": adafruit("adafruit_pcf8574", "PCF8574", {"gpio": lambda it: it.read_gpio()}),
    "pcf8591": adafruit("adafruit_pcf8591.pcf8591", "PCF8591", pcf8591),
    "pct2075": adafruit("adafruit_pct2075", "PCT2075", TEMPERATURE),
    "scd30": adafruit(
        "adafruit_scd30",
        "SCD30",
        CLIMATE | {"co2": "CO2"},
        lambda kind, address: kind(Busio(), address=address),
    ),
    "scd41-climate": sensirion("sensirion_i2c_scd4x.device", "Scd4xDevice", scd41_climate),
    "scd41-single": sensirion("sensirion_i2c_scd4x.device", "Scd4xDevice", scd41_single),
    "scd4x": sensirion("sensirion_i2c_scd4x.device", "Scd4xDevice", scd4x),
    "sen66": sensirion("sensirion_i2c_sen66.device", "Sen66Device", sen66),
    "sfa3x": sensirion("sensirion_i2c_sfa3x.device", "Sfa3xDevice", sfa3x),
    "sgp40": adafruit("adafruit_sgp40", "SGP40", {"raw_voc": lambda it: it.measure_raw()}),
    "shtc3": adafruit("adafruit_shtc3", "SHTC3", CLIMATE, alone),
    "sps30": sensirion("sensirion_i2c_sps30.device", "Sps30Device", sps30),
    "sgp30": adafruit("adafruit_sgp30", "Adafruit_SGP30", {"eco2": "eCO2", "tvoc": "TVOC"}),
    "sht31": adafruit("adafruit_sht31d", "SHT31D", CLIMATE),
    "sht4x": sensirion(
        "sensirion_i2c_sht4x.device",
        "Sht4xDevice",
        lambda it: named("temperature", "humidity")(it.measure_high_precision()),
    ),
    "sht4x-medium": sensirion(
        "sensirion_i2c_sht4x.device",
        "Sht4xDevice",
        lambda it: named("temperature", "humidity")(it.measure_medium_precision()),
    ),
    "si7021": adafruit("adafruit_si7021", "SI7021", CLIMATE),
    "stcc4": sensirion("sensirion_i2c_stcc4.device", "Stcc4Device", stcc4),
    "tmp117": adafruit("adafruit_tmp117", "TMP117", TEMPERATURE),
    "tsl2561": adafruit("adafruit_tsl2561", "TSL2561", {"lux": "lux"}),
    "tsl2591": adafruit(
        "adafruit_tsl2591", "TSL2591", {"full_spectrum": "full_spectrum", "infrared": "infrared", "lux": "lux"}
    ),
    "veml7700": adafruit("adafruit_veml7700", "VEML7700", {"light": "light", "lux": "lux"}, more=light),
    "vl6180x": adafruit(
        "adafruit_vl6180x", "VL6180X", {"distance": "range", "light": lambda it: it.read_lux(0x06)}
    ),
    "vl53l1x": adafruit("adafruit_vl53l1x", "VL53L1X", {"distance": "distance"}, more=vl53l1x),
}
