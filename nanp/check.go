package nanp

// CheckDID returns nil when n could be provisioned as a direct inward dial
// number in the United States: its area code is geographic and in service in a
// state, the District of Columbia or a territory of the plan, or toll-free and
// in service, and its exchange is one that subscribers are given numbers from.
// Otherwise the error is an [*Error] with one of the rules of provisioning.
//
// It does not know whether anybody has the number.
//
// The exchanges 700, 958, 959, 976 and 988 are special: they serve tests and
// services in most areas and subscribers in a few. Those few come from the
// built-in list of assigned exchanges, whatever table t is.
func (t *Table) CheckDID(n Number) error {
	if !n.Valid() {
		return newError(n.String(), RuleInvalid, -1, "this is not a valid number")
	}
	npa, nxx := n.NPA(), n.NXX()
	switch cat := t.Category(npa); cat {
	case TollFree:
		// Exchanges of toll-free codes are not tied to areas: all of them
		// are given out, 555 too but for the numbers below.
		switch {
		case n.DirectoryAssistance():
			return did(n, RuleDirectoryAssistance, atNXX, "555-1212 is directory assistance")
		case n.fictional(cat):
			return did(n, RuleFictional, atNXX, "800-555-0100 to 800-555-0199 are kept for fiction")
		}
		return nil
	case Geographic:
		if country := t.places[t.row(npa).place].country; country != "US" {
			name, _ := CountryName(country)
			return did(n, RuleCountry, atNPA, "area code "+npa.String()+" belongs to "+name+", not to the United States")
		}
		return checkExchange(n, npa, nxx)
	default:
		return did(n, cat.didRule(), atNPA, "area code "+npa.String()+" is "+cat.didWords(t.row(npa)))
	}
}

func checkExchange(n Number, npa NPA, nxx NXX) error {
	switch nxx {
	case 555:
		switch {
		case n.DirectoryAssistance():
			return did(n, RuleDirectoryAssistance, atNXX, "555-1212 is directory assistance")
		case n.fictional(Geographic):
			return did(n, RuleFictional, atNXX, "555-0100 to 555-0199 are kept for fiction")
		}
		return did(n, RuleNXX555, atNXX, "exchange 555 has no subscribers")
	case 700, 958, 959, 976, 988:
		if !specialAssigned(npa, nxx) {
			return did(n, RuleNXXSpecial, atNXX, "exchange "+nxx.String()+" is not assigned to subscribers in area code "+npa.String())
		}
	}
	return nil
}

// Where the area code and the exchange start in the E.164 form that CheckDID
// gives as the Input of its errors.
const (
	atNPA = 2
	atNXX = 5
)

func did(n Number, r Rule, at int, detail string) *Error {
	return newError(n.String(), r, at, detail)
}

func (c Category) didRule() Rule {
	switch c {
	case GeographicPending:
		return RulePending
	case TollFreeReserved:
		return RuleTollFreeReserved
	case NonGeographic, NonGeographicReserved, CanadaNonGeographic, CanadaNonGeographicReserved:
		return RuleNonGeographic
	case InterExchange:
		return RuleInterExchange
	case Government:
		return RuleGovernment
	case Premium:
		return RulePremium
	}
	return RuleUnassigned
}

func (c Category) didWords(r *row) string {
	if c == GeographicPending {
		if r.date == 0 {
			return "not yet in service, and no date is set"
		}
		return "not in service before " + string(civil(r.date))
	}
	return c.String()
}

// specialAssigned reports whether the exchange, one of the special ones, is
// assigned to subscribers in the area.
func specialAssigned(npa NPA, nxx NXX) bool {
	for i := range special {
		if s := &special[i]; s.nxx == nxx {
			i := uint(npa) - firstCode
			return i < codes && s.npas[i/64]>>(i%64)&1 == 1
		}
	}
	return false
}

// exchangeSet is the set of area codes in which an exchange is assigned: bit
// npa-200.
type exchangeSet struct {
	nxx  NXX
	npas [(codes + 63) / 64]uint64
}
