ALTER TABLE `devices` ADD `number` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `devices` ADD `preceding` text;--> statement-breakpoint
ALTER TABLE `devices` ADD `attempts` text;--> statement-breakpoint
ALTER TABLE `devices` ADD `rotated` text;--> statement-breakpoint
ALTER TABLE `devices` ADD `exchange` text;--> statement-breakpoint
CREATE UNIQUE INDEX `devices_exchange_unique` ON `devices` (`exchange`);