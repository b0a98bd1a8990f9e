package market

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

// Query is a wish for numbers. Every condition that is set must hold.
type Query struct {
	Kind       provider.NumberKind
	State      string // code or name, in any case; required for local numbers, none for toll-free
	City       string // as a person writes it: case, spaces and punctuation do not matter
	RateCenter string // likewise
	NPA        nanp.NPA
	NXX        nanp.NXX       // needs an NPA
	Pattern    vanity.Pattern // what the digits look like; zero: anything
	Carriers   []provider.ID  // empty: all that sell this kind
	// Options are conditions that only one carrier's search knows (features, a ZIP
	// code, a distance), by carrier; its adapter names them. The other carriers are
	// asked without them.
	Options map[provider.ID]provider.Options
	Want    int           // 0: 25 local, 10 toll-free; at most MaxWant
	Timeout time.Duration // for one carrier; 0: Config.Timeout, and ten times that with a Pattern
}

// MaxWant is the most that one search shows.
const MaxWant = 1000

// Search is a search that has been checked. Each call of Offers or All asks the
// carriers anew, under the context that Service.Search was given.
type Search struct{ hunt hunt[Offer] }

// Search looks for numbers at all carriers at once. It refuses what cannot be
// searched with an *InputError, and asks nobody yet: the iteration does.
//
//	search, err := svc.Search(ctx, market.Query{State: "AR", City: "Little Rock"})
//	…
//	for offer, err := range search.Offers() {
//	…
//	fmt.Println(search.Report())
//
// A carrier that was named and cannot be searched is an entry of the report, and
// the error when no other is left.
func (s *Service) Search(ctx context.Context, q Query) (*Search, error) {
	w, err := q.check()
	if err != nil {
		return nil, err
	}
	want, err := quantity(q.Want, map[provider.NumberKind]int{provider.Local: 25, provider.TollFree: 10}[q.Kind])
	if err != nil {
		return nil, err
	}
	w.few = want
	carriers, idle, err := s.searchable(q)
	if err != nil {
		return nil, err
	}
	return &Search{hunt[Offer]{
		ctx: ctx, s: s, want: want, timeout: q.timeout(s), carriers: carriers, idle: idle,
		find: func(ctx context.Context, a *asker, send func([]Offer) bool) error {
			_, err := a.walk(ctx, w, send)
			return err
		},
		fresh: freshOffer,
	}}, nil
}

func freshOffer(shown map[nanp.Number]bool, o Offer) bool {
	again := shown[o.Number]
	shown[o.Number] = true
	return !again
}

// Offers asks the carriers and yields what they have, each number once, as it
// arrives, until Want is reached. Breaking off is fine: when the loop has ended,
// no request is under way any more.
//
// Each carrier gets its share of Want. What a quick carrier has beyond its share
// waits up to two seconds for the others, then it is shown in their place.
//
// One carrier's failure is in the report. An error is yielded once, last: the
// context's own when it ends, the store's when the inventory cannot be read, and
// all that failed when no carrier was able to answer and nothing was shown.
func (x *Search) Offers() iter.Seq2[Offer, error] { return x.hunt.all() }

// All is Offers as a list, ranked. Offers that came before an error are returned
// beside it.
func (x *Search) All() ([]Offer, error) {
	all, err := collect(x.Offers())
	Rank(all)
	return all, err
}

// Report says what each carrier came to in the latest iteration. It may be
// called at any time.
func (x *Search) Report() Report { return x.hunt.report() }

func collect[T any](seq iter.Seq2[T, error]) (all []T, err error) {
	for v, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}

// check turns a query into a wish, or says what is wrong with it.
func (q Query) check() (wish, error) {
	w := wish{kind: q.Kind, query: vanity.Query{NPA: q.NPA, NXX: q.NXX}, pattern: q.Pattern}
	kinds := map[provider.NumberKind]func(Query, *wish) error{provider.Local: Query.local, provider.TollFree: Query.tollFree}
	rules, ok := kinds[q.Kind]
	if !ok {
		return w, &InputError{Field: "kind", Value: strconv.Itoa(int(q.Kind)), Rule: "is neither local nor toll-free"}
	}
	if err := rules(q, &w); err != nil {
		return w, err
	}
	if err := q.exchange(); err != nil {
		return w, err
	}
	return w, q.pattern(&w)
}

func (q Query) local(w *wish) (err error) {
	if strings.TrimSpace(q.State) == "" {
		return &InputError{Field: "state", Value: q.State, Rule: "is required for local numbers"}
	}
	if w.state, err = nanp.ParseState(q.State); err != nil {
		return &InputError{Field: "state", Value: q.State, Rule: "is no state, district or territory of the United States", Err: err}
	}
	w.npas = map[nanp.NPA]bool{}
	for _, npa := range nanp.Builtin().NPAs(w.state) {
		w.npas[npa] = true
	}
	if w.city, err = placeText("city", q.City); err != nil {
		return err
	}
	if w.rateCenter, err = placeText("rate center", q.RateCenter); err != nil {
		return err
	}
	if q.NPA == 0 || w.npas[q.NPA] {
		return nil
	}
	return &InputError{Field: "NPA", Value: code(q.NPA), Rule: elsewhere(q.NPA, w.state)}
}

func (q Query) tollFree(w *wish) error {
	for _, f := range []struct{ field, value string }{{"state", q.State}, {"city", q.City}, {"rate center", q.RateCenter}} {
		if f.value != "" {
			return &InputError{Field: f.field, Value: f.value, Rule: "does not apply to toll-free numbers"}
		}
	}
	if q.NPA == 0 || q.NPA.Category() == nanp.TollFree {
		return nil
	}
	return &InputError{Field: "NPA", Value: code(q.NPA), Rule: "is not a toll-free code in service: it is " + q.NPA.Category().String()}
}

// exchange refuses an NXX in which nobody can have a number.
func (q Query) exchange() error {
	switch {
	case q.NXX == 0:
		return nil
	case q.NPA == 0:
		return &InputError{Field: "NXX", Value: code(q.NXX), Rule: "needs the NPA that it belongs to"}
	}
	// A line that is neither set aside for films nor directory assistance.
	const ordinary = 2000
	n, err := nanp.Make(q.NPA, q.NXX, ordinary)
	if err != nil {
		return &InputError{Field: "NXX", Value: code(q.NXX), Rule: "is not an exchange", Err: err}
	}
	if err := n.CheckDID(); err != nil {
		return &InputError{Field: "NXX", Value: code(q.NXX), Rule: fmt.Sprintf("has no numbers for subscribers in %s", q.NPA), Err: err}
	}
	return nil
}

// elsewhere says why an area code is not one of the state, and where it is.
func elsewhere(npa nanp.NPA, state string) string {
	want, _ := nanp.StateName(state)
	info := npa.Info()
	switch {
	case info.Category == nanp.TollFree:
		return "is toll-free: it belongs to no state"
	case info.Category != nanp.Geographic || len(info.Regions) == 0:
		return fmt.Sprintf("is not an area code of %s: it is %s", want, info.Category)
	}
	var places []string
	for _, r := range info.Regions {
		name, ok := nanp.StateName(r)
		if !ok {
			name, _ = nanp.ProvinceName(r)
		}
		places = append(places, name)
	}
	return fmt.Sprintf("is in %s, not in %s", strings.Join(places, " and "), want)
}

// code prints an area code or exchange also when it is none.
func code[T nanp.NPA | nanp.NXX](c T) string { return strconv.Itoa(int(c)) }

// maxPlaceText is longer than any name of a place.
const maxPlaceText = 100

// placeText refuses what cannot be the name of a place; "" is none.
func placeText(field, s string) (string, error) {
	t := strings.TrimSpace(s)
	switch {
	case t == "" && s == "":
		return "", nil
	case len(t) > maxPlaceText:
		return "", &InputError{Field: field, Value: t, Rule: fmt.Sprintf("has %d characters, at most %d are possible", len(t), maxPlaceText)}
	case strings.ContainsFunc(t, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }):
		return "", &InputError{Field: field, Value: t, Rule: "has a character that cannot be printed"}
	case placeKey(t) == "":
		return "", &InputError{Field: field, Value: s, Rule: "has neither letter nor digit"}
	}
	return t, nil
}

func quantity(want, usual int) (int, error) {
	switch {
	case want == 0:
		return usual, nil
	case want < 0 || want > MaxWant:
		return 0, &InputError{Field: "quantity", Value: strconv.Itoa(want), Rule: fmt.Sprintf("must be 1 to %d", MaxWant)}
	}
	return want, nil
}

// searchable finds the carriers that can be asked, and a line for the report of
// each that cannot. The error is about a carrier that there is not, or says why
// none is left.
func (s *Service) searchable(q Query) (can []carrier, idle []CarrierReport, err error) {
	ids := slices.Clone(q.Carriers)
	if len(ids) == 0 {
		for id := range s.Carriers.All() {
			ids = append(ids, id)
		}
	}
	for id := range q.Options {
		if !slices.Contains(ids, id) {
			return nil, nil, &InputError{Field: "options", Value: string(id), Rule: "are for a carrier that is not asked"}
		}
	}
	var why []error
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			continue
		}
		searcher, traits, err := provider.Pick[provider.Searcher](s.Carriers, id)
		if errors.Is(err, provider.NotFound) {
			return nil, nil, &InputError{Field: "carrier", Value: string(id), Rule: "is not one of ours", Err: err}
		}
		if err == nil && !traits.Sells(q.Kind) {
			err = unsupported(id, "it sells no "+q.Kind.String()+" numbers")
		}
		if err != nil {
			why = append(why, err)
			idle = append(idle, notAsked(id, err, len(q.Carriers) > 0))
			continue
		}
		can = append(can, carrier{id, searcher, traits, q.Options[id]})
	}
	if len(can) > 0 {
		return can, idle, nil
	}
	if len(why) == 1 {
		return nil, nil, why[0]
	}
	none := unsupported("", "no carrier can be searched for "+q.Kind.String()+" numbers")
	return nil, nil, errors.Join(append([]error{none}, why...)...)
}

func unsupported(id provider.ID, text string) error {
	return &provider.Error{Op: provider.OpSearch, Provider: id, Kind: provider.Unsupported, Outcome: provider.NotApplied, Text: text}
}

// notAsked is an error only for a carrier that somebody asked for by name.
func notAsked(id provider.ID, err error, named bool) CarrierReport {
	if named {
		return CarrierReport{Carrier: id, Note: "not asked", Err: err}
	}
	note := "not asked"
	var e *provider.Error
	if errors.As(err, &e) {
		note += ": " + e.Text
	}
	return CarrierReport{Carrier: id, Note: note}
}
