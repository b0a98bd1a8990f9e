// Package nanp has the telephone numbers of the North American Numbering Plan:
// the United States and its territories, Canada, and the eighteen countries and
// territories of the Caribbean and the Atlantic that share country code 1.
//
// # Promises
//
//   - A [Number] that came out of this package keeps the rules of the plan. The
//     zero value is no number, and says so: [Number.Valid] is false, and it is an
//     empty text and SQL NULL.
//   - [Parse] never guesses. It skips punctuation and folds characters that only
//     look unlike ASCII; a letter, seven digits, a foreign country code or an
//     extension is an error that names the [Rule] and the place.
//   - What an area code is for is data with a date, [FileDate]. The plan changes a
//     few codes a year: [LoadReport] reads the administrator's current report.
//     Only what the plan itself fixes for good ([Category.Structural]) is refused by
//     Parse; whether a number could be provisioned is asked with
//     [Number.CheckDID].
//   - Parse and what a Number answers do not allocate, but for texts and
//     [Number.Info]. Reading an accepted number takes tens of nanoseconds.
//   - An error quotes at most 64 bytes of what it was given and escapes what
//     cannot be printed, so that it may be logged and shown.
//   - The package links nothing but the standard library.
//
// # What is not known here
//
// The package knows area codes, and five exchanges that are special. It does not
// know which exchanges are assigned otherwise, who serves a number, or where its
// user is. A number that could exist need not exist.
//
// # Concurrency
//
// Everything is a value or never changes. All functions and methods are safe for
// concurrent use, except that the decoding methods write to their receiver.
//
// # Sources
//
//   - The form of numbers and the codes that are kept from use: the numbering plan
//     as administered under 47 CFR part 52, and the ATIS Industry Numbering
//     Committee guidelines for area codes and central office codes.
//   - 555 numbers: ATIS-0300115, which set aside 555-0100 to 555-0199 for
//     fiction when it ended the assignment of the others.
//   - Area codes: the NPA report of the administrator (NANPA), File Date
//     08/17/2026. The exchanges 700, 958, 959, 976 and 988: its report of central
//     office codes, File Updated 07/06/2026.
//   - tel: texts: RFC 3966. Written forms: ITU-T E.164 and E.123.
package nanp
