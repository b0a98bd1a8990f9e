// Package registrar judges civic addresses, and keeps what is registered for
// emergency calls: numbers at an address, and devices that move.
//
// It is pure: no I/O, no clock, no chance. [Judge] follows from the address
// alone. What is registered at t is a function of the entries of a [State] and t:
// every instant of a later change stands in the [Entry] that was applied. A State
// is not safe for concurrent use while entries are applied; queries alone are.
//
// # How an address is judged
//
// The registrar has a master form of every street. It is made from the address as
// it would be written on one line:
//
//   - Letters are upper case, spaces single, full stops left out.
//   - The last word of a street is abbreviated where it is a street suffix (USPS
//     Publication 28, appendix C1), and so is a directional in front of or behind it.
//   - What follows a comma, or a designator behind a suffix or directional, is a
//     part of a building: SUITE 4 is STE 4, "# 4" and a mere 4 are UNIT 4 (appendix
//     C2); what has neither designator nor digit in front is the building.
//   - A ZIP has its four further digits, which follow from the street line, city,
//     state and ZIP; a Canadian postal code has a space in the middle.
//
// Then the first of these that fits is the grade:
//
//   - Unusable: the house number, street, city, state or postal code is missing; the
//     house number does not start with a digit; the street is a PO box; the state is
//     none (for CA: no province); the ZIP has neither 5 nor 9 digits; the country is
//     neither US nor CA; the whole is longer than 500 bytes. Every problem is listed.
//   - Ambiguous: the street has no directional and the house number is a multiple of
//     100: it exists on the N and the S of the street, and on the W where it is a
//     multiple of 1000. A street whose whole name is a suffix or a directional ("100
//     NORTH") exists once.
//   - Corrected: the master form, written on one line, is not what was given.
//   - Valid: it is.
//
// What Corrected and Ambiguous lead to is Valid when it is given again, also by
// way of a line that postal.Civic.WithStreetLine took apart.
package registrar
