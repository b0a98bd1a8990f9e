// Package numberdesk does everything that a telephone service does with North
// American numbers: find and buy them, keep the inventory, give them to tenants,
// let them go. It is embedded: a [Desk] stands on a store and on carriers that the
// embedder hands in.
//
// It never loses a number, never buys one twice, and never says that something
// is so before the carrier has said it.
//
// [OpenDemo] opens a desk with a simulated carrier in one line; [Open] takes real
// ones. [Desk.Run] does due work in the background.
//
// The contracts for strangers are in packages provider (a carrier) and store (a
// store); ARCHITECTURE.md draws the whole house.
package numberdesk
