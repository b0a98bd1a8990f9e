// Package postal holds civic addresses in the parts that 911 registrars and
// carriers want (house number, directionals, street, suffix, unit, floor, room),
// after the elements of RFC 5139 and USPS Publication 28.
//
// The package is pure: no I/O, nothing is kept, all values are safe for
// concurrent use. An address is personal data: it belongs into a sealed record
// and never into a log or an error.
package postal
