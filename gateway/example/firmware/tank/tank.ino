// A water tank: level, temperature and a pump, on the I2C bus. For an Uno, Nano or any other ATmega328P.
//
//   A0  level sensor        0 … 5 V = 0 … 2000 mm
//   A1  temperature sensor  0 … 5 V = 0 … 50 °C
//   D9  pump (through a MOSFET), PWM
//   A4, A5  SDA and SCL, to all other devices; the Raspberry Pi's bus has 3.3 V: use a level shifter
//
// What is written first chooses the register:
//   0x01  read 2   'T', version
//   0x10  read 6   temperature int16 0.01 °C, level uint16 mm, pump uint8 %, CRC-8 (poly 0x07) of the five bytes before
//   0x20  write 1  pump speed in %; read 1 gives it back
#include <EEPROM.h>
#include <Wire.h>
#include <util/atomic.h>
#include <util/crc16.h>

const uint8_t DEFAULT_ADDRESS = 0x08;
const uint8_t LEVEL_PIN = A0;
const uint8_t TEMPERATURE_PIN = A1;
const uint8_t PUMP_PIN = 9;

const uint8_t IDENTITY_REGISTER = 0x01;
const uint8_t READING_REGISTER = 0x10;
const uint8_t PUMP_REGISTER = 0x20;
const uint8_t IDENTITY[] = {'T', 2};

struct Reading {
  int16_t centiDegrees;
  uint16_t millimetres;
  uint8_t pumpPercent;
} __attribute__((packed)); // lies in memory as it goes over the wire: low byte first

Reading reading;
volatile uint8_t chosenRegister = READING_REGISTER;
volatile uint8_t pumpPercent = 0;

// Byte 0 of the EEPROM, where it holds an address: so all tanks run the same program.
// To give a board its own, run once: EEPROM.update(0, 0x09);
uint8_t busAddress() {
  const uint8_t stored = EEPROM.read(0);
  return stored >= 0x08 && stored <= 0x77 ? stored : DEFAULT_ADDRESS;
}

// The sum of 16 readings, 0 … 16368: takes the noise out and is still a 16-bit number.
uint16_t readSmoothed(uint8_t pin) {
  uint16_t sum = 0;
  for (uint8_t i = 0; i < 16; i++) sum += analogRead(pin);
  return sum;
}

// Runs in an interrupt: takes the bytes and leaves; loop() does the work.
void onReceive(int length) {
  if (length == 0) return; // i2cdetect only looks who is there
  chosenRegister = Wire.read();
  if (chosenRegister == PUMP_REGISTER && Wire.available()) {
    const uint8_t percent = Wire.read();
    pumpPercent = percent > 100 ? 100 : percent;
  }
  while (Wire.available()) Wire.read(); // unread bytes would make Wire throw away the next message
}

void sendWithChecksum(const uint8_t *bytes, uint8_t length) {
  uint8_t crc = 0;
  for (uint8_t i = 0; i < length; i++) crc = _crc8_ccitt_update(crc, bytes[i]);
  Wire.write(bytes, length);
  Wire.write(crc);
}

// Runs in an interrupt too, while the bus waits: what is sent is ready already.
void onRequest() {
  switch (chosenRegister) {
    case IDENTITY_REGISTER: Wire.write(IDENTITY, sizeof IDENTITY); break;
    case READING_REGISTER:
      reading.pumpPercent = pumpPercent; // the newest, also right after a command
      sendWithChecksum((const uint8_t *)&reading, sizeof reading);
      break;
    case PUMP_REGISTER: Wire.write(pumpPercent); break;
  }
}

void measure() {
  const int16_t centiDegrees = (uint32_t)readSmoothed(TEMPERATURE_PIN) * 5000 / 16368;
  const uint16_t millimetres = (uint32_t)readSmoothed(LEVEL_PIN) * 2000 / 16368;
  // No request can come between the two bytes of a value.
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    reading.centiDegrees = centiDegrees;
    reading.millimetres = millimetres;
  }
}

void setup() {
  pinMode(PUMP_PIN, OUTPUT);
  measure(); // whoever asks first gets a real reading, not zeros
  Wire.onReceive(onReceive);
  Wire.onRequest(onRequest);
  Wire.begin(busAddress());
}

void loop() {
  analogWrite(PUMP_PIN, (uint16_t)pumpPercent * 255 / 100);
  measure();
}
