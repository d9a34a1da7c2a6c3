import * as asking from '../asking.ts';
import * as device from '../device.ts';
import { later } from '../later.ts';
import * as polling from '../poll-transport.ts';

// Virtual clocks wait for no file.
later.device = async () => device;
later.asking = async () => asking;
later.polling = async () => polling;
