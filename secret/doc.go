// Package secret holds values that must not be seen: passwords, account numbers,
// PINs, street addresses, keys. It shows them to nobody by accident, and seals
// them at rest.
//
// It keeps these promises:
//
//   - A [String] or [Bytes] reads "[redacted]" in every verb of package fmt, in
//     every log of package log/slog, and in every encoder of the standard
//     library; package encoding/gob refuses it. This holds in structs, slices,
//     maps and pointers, and in unexported fields.
//   - The value itself comes out of one method, Reveal, so that all places where
//     this happens are found by searching for its name.
//   - A value that a [Sealer] sealed opens only in the [Place] for which it was
//     sealed, and only unchanged.
//   - No error contains a secret, nor a part of one.
//
// A debugger, a core dump, or code that reads memory sees what a program holds in
// it. Nothing here reads files or the environment: keys are given by the caller.
//
// Values are safe for concurrent use, and so is [Keyring].
package secret
