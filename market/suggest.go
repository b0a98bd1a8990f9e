package market

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// PlaceField is what is being typed.
type PlaceField uint8

const (
	SuggestCity PlaceField = iota
	SuggestRateCenter
)

// SuggestQuery is a text as far as it has been typed.
type SuggestQuery struct {
	Field PlaceField
	State string // code or name, required
	Text  string // "" suggests from the beginning of the alphabet
	Limit int    // 0: 10; at most 100
}

// Suggestion is a place in which carriers have numbers, fit to be searched for.
type Suggestion struct {
	Value    string // the city or the rate center
	State    string // two letters
	Detail   string // to tell it from others: its area codes, and its rate centers or cities
	NPAs     []nanp.NPA
	Carriers []provider.ID // who listed it
}

const (
	usualSuggestions = 10
	maxSuggestions   = 100
)

// Suggest completes a city or a rate center as one types. Names that begin with
// the text come first, then those of which words begin so ("n rock" finds North
// Little Rock), then those that contain it; each in the order of the alphabet.
// Case, punctuation, accents and usual abbreviations (St., Ft., N.) do not matter.
//
// The places are those of all carriers that list them. Each is asked once a day
// for a state. One that fails is logged and asked again the next time; one that
// is slow is not waited for long when others have answered: it goes on loading,
// up to the SearchTimeout, for the suggestions to come. Only when all fail there
// is an error. Where no carrier lists places, nothing is suggested.
func (s *Service) Suggest(ctx context.Context, q SuggestQuery) ([]Suggestion, error) {
	state, err := q.check()
	if err != nil {
		return nil, err
	}
	lists, err := s.listPlaces(ctx, state)
	if err != nil {
		return nil, err
	}
	found := map[string]*match{}
	t := typed{words: placeWords(q.Text)}
	t.squash = strings.Join(t.words, "")
	for _, l := range lists {
		for _, n := range l.names[q.Field] {
			if rank, ok := n.match(t); ok {
				gather(found, l.carrier, n, rank)
			}
		}
	}
	best := slices.SortedFunc(maps.Values(found), func(a, b *match) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.forms[0], b.forms[0]), cmp.Compare(a.key, b.key))
	})
	best = best[:min(len(best), cmp.Or(q.Limit, usualSuggestions))]
	out := make([]Suggestion, len(best))
	for i, m := range best {
		out[i] = m.suggestion(state)
	}
	return out, nil
}

func (q SuggestQuery) check() (state string, err error) {
	switch {
	case q.Field > SuggestRateCenter:
		return "", &InputError{Field: "field", Value: strconv.Itoa(int(q.Field)), Rule: "is neither city nor rate center"}
	case strings.TrimSpace(q.State) == "":
		return "", &InputError{Field: "state", Value: q.State, Rule: "is required for suggestions"}
	case q.Limit < 0 || q.Limit > maxSuggestions:
		return "", &InputError{Field: "limit", Value: strconv.Itoa(q.Limit), Rule: fmt.Sprintf("must be 1 to %d", maxSuggestions)}
	case len(q.Text) > maxPlaceText:
		return "", &InputError{Field: "text", Value: q.Text, Rule: fmt.Sprintf("has %d bytes, at most %d are possible", len(q.Text), maxPlaceText)}
	}
	if state, err = nanp.ParseState(q.State); err != nil {
		return "", &InputError{Field: "state", Value: q.State, Rule: "is no state, district or territory of the United States", Err: err}
	}
	return state, nil
}

// match is a name that several carriers may have listed.
type match struct {
	placeName
	rank     int
	carriers []provider.ID
}

func gather(found map[string]*match, c provider.ID, n placeName, rank int) {
	m := found[n.key]
	if m == nil {
		found[n.key] = &match{placeName: n.clone(), rank: rank, carriers: []provider.ID{c}}
		return
	}
	m.placeName.join(n)
	m.rank = min(m.rank, rank)
	m.carriers = append(m.carriers, c)
}

func (m *match) suggestion(state string) Suggestion {
	s := Suggestion{Value: m.value, State: state, NPAs: slices.Sorted(maps.Keys(m.npas)), Carriers: m.carriers}
	var parts []string
	for _, npa := range s.NPAs {
		parts = append(parts, npa.String())
	}
	details := []string{some(parts), some(slices.Sorted(maps.Keys(m.others)))}
	s.Detail = strings.Join(slices.DeleteFunc(details, func(d string) bool { return d == "" }), " · ")
	return s
}

// some lists the first few.
func some(all []string) string {
	const few = 3
	if len(all) <= few {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:few], ", "), len(all)-few)
}

// placeList is what one carrier has in one state.
type placeList struct {
	carrier provider.ID
	names   [SuggestRateCenter + 1][]placeName
}

// errNotWaited ends the wait for a carrier that is slower than the others, but
// not its load: the next suggestion finds it done.
var errNotWaited = errors.New("market: other carriers have listed their places")

// listPlaces asks all carriers that list places, at once. When one has answered,
// the others have two seconds.
func (s *Service) listPlaces(ctx context.Context, state string) (lists []*placeList, err error) {
	waiting, leave := context.WithCancelCause(ctx)
	defer leave(errNotWaited)
	answers := make(chan func() (*placeList, error), s.Carriers.Len())
	open := 0 // how many will answer
	for id := range s.Carriers.All() {
		gazetteer, _, err := provider.Pick[provider.Gazetteer](s.Carriers, id)
		if err != nil {
			continue // it lists no places
		}
		open++
		go func() {
			l, err := s.places.get(waiting, placesAt{id, state}, s.Now(), func(ctx context.Context) (*placeList, error) {
				return loadPlaces(ctx, id, gazetteer, state, s.Timeout)
			})
			if err != nil && waiting.Err() == nil {
				s.Logger.WarnContext(ctx, "market: a carrier does not list its places", "carrier", id, "state", state, "error", err)
			}
			answers <- func() (*placeList, error) { return l, err }
		}()
	}
	patience := time.NewTimer(fairWait)
	defer patience.Stop()
	var failed []error
	impatient := false
	for answered := 0; answered < open && !(impatient && len(lists) > 0); {
		select {
		case a := <-answers:
			answered++
			if l, err := a(); err != nil {
				failed = append(failed, err)
			} else {
				lists = append(lists, l)
			}
		case <-patience.C:
			impatient = true
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if len(lists) == 0 {
		return nil, errors.Join(failed...)
	}
	// The same whoever was first.
	slices.SortFunc(lists, func(a, b *placeList) int { return cmp.Compare(a.carrier, b.carrier) })
	return lists, nil
}

// maxPlaces is more than any state has.
const maxPlaces = 50_000

// loadPlaces reads the whole list of one carrier for one state.
func loadPlaces(ctx context.Context, id provider.ID, g provider.Gazetteer, state string, limit time.Duration) (*placeList, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	pages := 0
	var fields [SuggestRateCenter + 1]map[string]*placeName
	for i := range fields {
		fields[i] = map[string]*placeName{}
	}
	places := provider.All(ctx, func(ctx context.Context, p provider.Page) (provider.Result[provider.Place], error) {
		if pages++; pages > maxPages {
			return provider.Result[provider.Place]{}, endless(id)
		}
		return detach(ctx, func() (provider.Result[provider.Place], error) { return g.Places(ctx, state, p) })
	})
	for p, err := range places {
		if err != nil && ctx.Err() == context.DeadlineExceeded {
			return nil, &provider.Error{Op: provider.OpPlaces, Provider: id, Kind: provider.Unavailable, Outcome: provider.NotApplied, Text: "too slow: no complete list within " + limit.String(), Err: err}
		}
		if err != nil {
			return nil, err
		}
		if said := strings.TrimSpace(p.State); said != "" && stateCode(said) != state {
			continue
		}
		addPlace(fields[SuggestCity], p.City, p.RateCenter, p.NPA)
		addPlace(fields[SuggestRateCenter], p.RateCenter, p.City, p.NPA)
		if len(fields[SuggestCity])+len(fields[SuggestRateCenter]) > maxPlaces {
			return nil, endless(id)
		}
	}
	l := &placeList{carrier: id}
	for f, names := range fields {
		for _, n := range names {
			l.names[f] = append(l.names[f], *n)
		}
	}
	return l, nil
}

func endless(id provider.ID) error {
	return &provider.Error{Op: provider.OpPlaces, Provider: id, Kind: provider.Internal, Outcome: provider.NotApplied, Text: "the list of places has no end"}
}

// addPlace adds a place to the names of one field. What cannot be a name is left out.
func addPlace(names map[string]*placeName, value, other string, npa nanp.NPA) {
	value, err := placeText("", value)
	if err != nil || value == "" {
		return
	}
	n := newPlaceName(value)
	if npa.Valid() {
		n.npas[npa] = true
	}
	if other, err = placeText("", other); err == nil && other != "" && placeKey(other) != n.key {
		n.others[other] = true
	}
	if old := names[n.key]; old != nil {
		old.join(n)
		return
	}
	names[n.key] = &n
}

// placeName is the name of a place, ready to be compared with what is typed.
type placeName struct {
	value  string
	key    string
	words  []string
	forms  []string // without spaces: as written, with every abbreviation, with none
	npas   map[nanp.NPA]bool
	others map[string]bool // rate centers of a city, cities of a rate center
}

func newPlaceName(value string) placeName {
	w := placeWords(value)
	n := placeName{value: value, key: placeKey(value), words: w, npas: map[nanp.NPA]bool{}, others: map[string]bool{}}
	n.forms = []string{strings.Join(w, ""), n.key, squash(w, spelled)}
	return n
}

func (n placeName) clone() placeName {
	n.npas, n.others = maps.Clone(n.npas), maps.Clone(n.others)
	return n
}

// join adds what another listing of the same name says. The nicer spelling wins:
// carriers that write in capitals also leave out spaces.
func (n *placeName) join(o placeName) {
	if !strings.ContainsFunc(n.value, unicode.IsLower) && strings.ContainsFunc(o.value, unicode.IsLower) {
		n.value, n.words, n.forms = o.value, o.words, o.forms
	}
	maps.Copy(n.npas, o.npas)
	maps.Copy(n.others, o.others)
}

type typed struct {
	words  []string
	squash string
}

// match ranks the name for a text: 0 it begins so, 1 its words do, 2 it contains it.
func (n *placeName) match(t typed) (rank int, ok bool) {
	for _, f := range n.forms {
		if strings.HasPrefix(f, t.squash) {
			return 0, true
		}
	}
	if wordsBegin(n.words, t.words) {
		return 1, true
	}
	return 2, strings.Contains(n.forms[0], t.squash)
}

// wordsBegin reports whether words begin with the typed ones, in their order.
func wordsBegin(words, typed []string) bool {
	for _, w := range words {
		if len(typed) > 0 && (strings.HasPrefix(w, typed[0]) || strings.HasPrefix(spelled[w], typed[0]) || typed[0] == abbreviated[w]) {
			typed = typed[1:]
		}
	}
	return len(typed) == 0
}
