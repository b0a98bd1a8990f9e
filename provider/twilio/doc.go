// Package twilio makes a Twilio account a carrier: https://www.twilio.com/docs.
//
//	carrier, err := twilio.New(twilio.Config{Account: "AC...", Token: token})
//	set, err := provider.NewSet(carrier)
//
// It searches, buys, lists, routes and returns numbers, sets and looks up caller
// names, looks numbers up, checks addresses, registers for emergency calls, ports
// numbers in and reads Twilio's messages. What Twilio cannot do is nil, and
// Traits.Why says why.
//
// # What it promises
//
//   - A number is bought once. Twilio takes a purchase of a number that the account
//     has already, and overwrites its settings: the account is asked before each
//     purchase, and a number that is there is refused as Exists, unless its name is
//     the order's own key. Numbers are bought by name, never by area code, and an
//     answer about another number than was ordered is not believed.
//   - A lost answer is settled by the number and by the key, which is written into
//     the number's FriendlyName. A number that is ours under another name proves
//     nothing: Track cannot tell.
//   - A caller name and an emergency registration take several requests. Each step is
//     looked for under the key (FriendlyName) before it is made: the same call with
//     the same key goes on where it stopped.
//   - Credentials go to Twilio's hosts only. A link to a next page is followed only to
//     the same list at the same host.
//   - Every code and every status of Twilio's documents is in a table. A word that is
//     in none is the Unclear state with the word beside it.
//
// # Two questions that write, and what stays behind
//
// Twilio validates an address only while it creates one: CheckAddress creates it
// and deletes it again. If the deletion fails, an address called "Address check"
// stays in the account, attached to nothing. And Twilio wants one request more after
// the review of a caller name, by which each number gets it: TrackName makes it, for
// the numbers of the trace, having looked whether it was made. A trace of a removal
// writes nothing.
//
// Each caller name that is set stays in Trust Hub as a trust product, and each that
// is taken off a number while a product could still give it one as a draft called "No
// caller name: PN...", which is never submitted: by it a name that Twilio approves
// later does not come back. To delete such a draft by hand lets it.
//
// # Options
//
// Search takes Twilio's own conditions by the names of its documents: InLata (with
// it SearchRequest.RateCenter is asked for), InPostalCode, NearNumber, NearLatLong,
// Distance (miles, 1 to 500), VoiceEnabled, SmsEnabled, MmsEnabled, FaxEnabled,
// ExcludeAllAddressRequired, ExcludeLocalAddressRequired,
// ExcludeForeignAddressRequired and Beta (true or false).
//
// Orders take AddressSid, BundleSid, IdentitySid, TrunkSid, VoiceApplicationSid,
// VoiceUrl and StatusCallback. Ports take target_port_in_time_range_start and
// target_port_in_time_range_end.
//
// # Where it leaves Twilio's OpenAPI documents
//
// An emergency address is detached with an empty EmergencyAddressSid, as the guide
// to emergency calling says; the OpenAPI document has a pattern there that the
// empty text does not fit. Documents for ports are uploaded to a host that has no
// OpenAPI document.
package twilio
