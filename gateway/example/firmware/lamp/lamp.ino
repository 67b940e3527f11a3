// A lamp that can be dimmed, and a light sensor, on the I2C bus. For an Uno, Nano or any other ATmega328P.
//
//   A0  light sensor  0 … 5 V = 0 … 1000 lx
//   D9  lamp (through a MOSFET), PWM
//   A4, A5  SDA and SCL, to all other devices; the Raspberry Pi's bus has 3.3 V: use a level shifter
//
// What is written first chooses the register:
//   0x01  read 2   'L', version
//   0x10  read 4   level uint8, light uint16 lx, CRC-8 (poly 0x07) of the three bytes before
//   0x20  write 1  level 0 … 255; read 1 gives it back
#include <EEPROM.h>
#include <Wire.h>
#include <util/atomic.h>
#include <util/crc16.h>

const uint8_t DEFAULT_ADDRESS = 0x18;
const uint8_t LIGHT_PIN = A0;
const uint8_t LAMP_PIN = 9;

const uint8_t IDENTITY_REGISTER = 0x01;
const uint8_t READING_REGISTER = 0x10;
const uint8_t LEVEL_REGISTER = 0x20;
const uint8_t IDENTITY[] = {'L', 1};

struct Reading {
  uint8_t level;
  uint16_t lux;
} __attribute__((packed)); // lies in memory as it goes over the wire: low byte first

Reading reading;
volatile uint8_t chosenRegister = READING_REGISTER;
volatile uint8_t level = 0;

// Byte 0 of the EEPROM, where it holds an address: so all lamps run the same program.
// To give a board its own, run once: EEPROM.update(0, 0x19);
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
  if (chosenRegister == LEVEL_REGISTER && Wire.available()) level = Wire.read();
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
      reading.level = level; // the newest, also right after a command
      sendWithChecksum((const uint8_t *)&reading, sizeof reading);
      break;
    case LEVEL_REGISTER: Wire.write(level); break;
  }
}

void measure() {
  const uint16_t lux = (uint32_t)readSmoothed(LIGHT_PIN) * 1000 / 16368;
  // No request can come between the two bytes of the value.
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { reading.lux = lux; }
}

void setup() {
  pinMode(LAMP_PIN, OUTPUT);
  measure(); // whoever asks first gets a real reading, not zeros
  Wire.onReceive(onReceive);
  Wire.onRequest(onRequest);
  Wire.begin(busAddress());
}

void loop() {
  analogWrite(LAMP_PIN, level);
  measure();
}
