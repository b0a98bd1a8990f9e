package vanity_test

import (
	. "github.com/numberdesk/numberdesk/vanity"
)

// dialects are searches of carriers, as their documents describe them, and some
// that are weak in one way.
var dialects = map[string]Dialect{
	// starts_with, contains and ends_with, any of them together, with digits only.
	"telnyx": {NPA: true, Prefix: true, Suffix: true, Contains: true},
	// Contains has 2 to 16 characters. It is anchored with + in front or $ behind;
	// the signs for one and for any characters stand at the ends only and not side
	// by side, so that 877555**** cannot be said, but that a number begins with
	// 877555 can.
	"twilio": {NPA: true, Prefix: true, Suffix: true, Contains: true, MinFixed: 2, OneFixed: true},
	// localVanity has 4 to 7 characters and looks in the last seven digits, at their
	// end with endsIn; areaCode and npaNxx are there as well.
	"bandwidth local": {NPA: true, NXX: true, Tail: true, Suffix: true, MinFixed: 4, MaxFixed: 7, OneFixed: true},
	// tollFreeVanity has 7 characters or more, tollFreeWildCardPattern only codes.
	"bandwidth toll-free": {NPA: true, Suffix: true, MinFixed: 7, Alone: true},
	// A search of toll-free numbers takes ten symbols, the first three of them digits.
	"somos":      {NPA: true, Mask: true, NeedNPA: true},
	"area codes": {NPA: true},
	"codes":      {NPA: true, NXX: true},
	"front":      {Prefix: true, MinFixed: 6},
	"end":        {Suffix: true, MinFixed: 4},
	"anywhere":   {NPA: true, Contains: true, MinFixed: 3, MaxFixed: 5},
	"masks":      {Mask: true},
	"everything": {NPA: true, NXX: true, Prefix: true, Suffix: true, Contains: true, Tail: true, Mask: true},
	"code or no": {NPA: true, NXX: true, Suffix: true, Alone: true, NeedNPA: true},
	"nothing":    {},
}
