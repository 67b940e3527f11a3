// What firmware can do wrong, or late: each register shows one habit. For the tests only.
#include <EEPROM.h>
#include <Wire.h>

volatile uint8_t chosenRegister = 0;
volatile uint8_t received = 0;
volatile bool wantsToControl = false;
uint8_t controlResult = 0xff;
volatile uint16_t overflows = 0;
volatile uint8_t requests = 0;

ISR(TIMER1_OVF_vect) { overflows++; }

void onReceive(int count) {
  received = count;
  chosenRegister = Wire.read();
  if (chosenRegister == 0x05) return; // leaves bytes unread
  if (chosenRegister == 0x07) wantsToControl = true;
  if (chosenRegister == 0x0a) TIMSK1 = _BV(TOIE1);
  while (Wire.available()) Wire.read();
}

void onRequest() {
  requests++;
  switch (chosenRegister) {
    case 0x01: // slow: stretches the clock for 2 ms
      delayMicroseconds(2000);
      Wire.write(0xA1);
      break;
    case 0x02: // too slow: 60 ms, more than a controller waits
      for (uint8_t i = 0; i < 10; i++) delayMicroseconds(6000);
      Wire.write(0xA2);
      break;
    case 0x03: // hangs
      for (;;) {}
    case 0x04: // says nothing
      break;
    case 0x06: // counts the bytes of the last write
      Wire.write(received);
      break;
    case 0x07: // how its attempt to be a controller itself ended
      Wire.write(controlResult);
      break;
    case 0x08: { // uptime
      const uint32_t now = millis();
      Wire.write((const uint8_t *)&now, sizeof now);
      break;
    }
    case 0x09: { // all that Wire can send, and one more
      for (uint8_t i = 0; i < 33; i++) Wire.write(i);
      break;
    }
    case 0x0a: // overflows of timer 1 since its interrupt was asked for
      Wire.write((const uint8_t *)&overflows, sizeof overflows);
      break;
    case 0x0c: // how often it was asked before
      Wire.write(requests - 1);
      break;
    case 0x0b: // timer 2, without any interrupt
      Wire.write(TCNT2);
      break;
    default:
      Wire.write(0x55);
  }
}

void setup() {
  Serial.begin(115200);
  Serial.println("ready");
  Wire.onReceive(onReceive);
  Wire.onRequest(onRequest);
  Wire.begin(EEPROM.read(0));
}

void loop() {
  if (!wantsToControl) return;
  wantsToControl = false;
  Wire.beginTransmission(0x50);
  controlResult = Wire.endTransmission();
}
