package nanp

// Category is what an area code is for. The zero value is [Unknown].
type Category uint8

// The categories. Each of the 800 codes from 200 to 999 has one of them, never
// Unknown.
const (
	Unknown                     Category = iota // not a code from 200 to 999
	Geographic                                  // in service for an area
	GeographicPending                           // given to an area, not yet in service
	TollFree                                    // in service: 800, 833, 844, ...
	TollFreeReserved                            // set aside for toll-free service, not in service
	NonGeographic                               // 5XX: personal and machine communication
	NonGeographicReserved                       // 5XX, kept for later
	CanadaNonGeographic                         // 600, 622, 633
	CanadaNonGeographicReserved                 // kept for the same use
	InterExchange                               // 700: services of long-distance carriers
	Government                                  // 710: United States government
	Premium                                     // 900: the caller pays extra
	Unassigned                                  // free for an area that runs out of numbers
	UnassignedRecognizable                      // free, with two equal last digits: for services
	ReservedRelief                              // promised to an area that will run out
	ServiceCode                                 // N11: 211 to 911
	Expansion                                   // N9X: kept for a longer plan
	ReservedBlock                               // 370-379, 960-969
	DirectoryAssistanceCode                     // 555
	CarrierAccessCode                           // 950
	CrisisLineCode                              // 988
	categoryEnd
)

var categoryNames = [categoryEnd]string{
	Unknown:                     "unknown",
	Geographic:                  "geographic",
	GeographicPending:           "geographic, not yet in service",
	TollFree:                    "toll-free",
	TollFreeReserved:            "toll-free, not in service",
	NonGeographic:               "non-geographic",
	NonGeographicReserved:       "non-geographic, reserved",
	CanadaNonGeographic:         "Canadian non-geographic",
	CanadaNonGeographicReserved: "Canadian non-geographic, reserved",
	InterExchange:               "interexchange carrier service",
	Government:                  "United States government",
	Premium:                     "premium rate",
	Unassigned:                  "unassigned",
	UnassignedRecognizable:      "unassigned, easily recognizable",
	ReservedRelief:              "reserved for relief of a geographic area",
	ServiceCode:                 "service code",
	Expansion:                   "reserved for expansion of the plan",
	ReservedBlock:               "reserved as a block",
	DirectoryAssistanceCode:     "directory assistance",
	CarrierAccessCode:           "carrier access",
	CrisisLineCode:              "crisis line",
}

// String returns the category in plain words.
func (c Category) String() string {
	if c >= categoryEnd {
		return categoryNames[Unknown]
	}
	return categoryNames[c]
}

// Geographic reports whether codes of this category belong to an area, in
// service or not yet.
func (c Category) Geographic() bool { return c == Geographic || c == GeographicPending }

// Structural reports whether the numbering plan itself keeps the code from ever
// being an area code. [Parse] rejects such a code whatever table is loaded.
func (c Category) Structural() bool { return c >= ServiceCode && c < categoryEnd }
