package work

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// Kind says what is asked for, and so which handler does it: "did.order".
type Kind string

// Phase is where an intent stands.
type Phase string

const (
	Intended Phase = "intended" // booked; nothing has left, or it is proven that nothing was applied
	Sending  Phase = "sending"  // a request may be on its way
	Unclear  Phase = "unclear"  // it may have been applied: settled by looking
	Waiting  Phase = "waiting"  // the carrier has it and is not done
	Human    Phase = "human"    // waits for a person; only an answer of the carrier ends it otherwise
	Done     Phase = "done"     // booked or failed; final
)

// Phases lists every phase.
func Phases() []Phase { return []Phase{Intended, Sending, Unclear, Waiting, Human, Done} }

// Intent is one thing asked of one carrier. Its ID is also the key at the carrier.
type Intent struct {
	ID      store.ID      `json:"-"`
	Kind    Kind          `json:"kind"`
	Carrier provider.ID   `json:"carrier"`
	Lanes   []string      `json:"lanes,omitempty"`
	Numbers []nanp.Number `json:"numbers,omitempty"`
	Payload []byte        `json:"payload,omitempty"` // the domain's own

	// Yields lets the others in its lanes go ahead while it waits for a person: a hold
	// of which nobody knows whether it stands keeps no number from being bought.
	Yields bool `json:"yields,omitempty"`

	Phase   Phase        `json:"phase"`
	Attempt int          `json:"attempt,omitempty"` // how often it was sent
	Refused int          `json:"refused,omitempty"` // how often of these it is proven that nothing was applied
	Trying  time.Time    `json:"trying,omitzero"`   // since when nothing else has come of it
	Looks   int          `json:"looks,omitempty"`   // how often it was looked for since it was sent
	Ref     provider.Ref `json:"ref,omitempty"`     // the carrier's, once known
	Note    string       `json:"note,omitempty"`    // why it stands where it stands, in words
	Booked  time.Time    `json:"booked"`
	First   time.Time    `json:"first,omitzero"`  // sent for the first time
	Sent    time.Time    `json:"sent,omitzero"`   // sent for the last time
	Looked  time.Time    `json:"looked,omitzero"` // looked for for the last time: when that began
	Heard   time.Time    `json:"heard,omitzero"`  // the carrier last said how it stands
	Due     time.Time    `json:"-"`               // when the engine takes it up next; zero: not by itself

	version uint64
}

// Key is what identifies the intent at the carrier.
func (i Intent) Key() provider.Key { return provider.Key(i.ID) }

// Trace is everything that could identify what the intent may have created.
func (i Intent) Trace() provider.Trace {
	return provider.Trace{Key: i.Key(), Ref: i.Ref, Numbers: i.Numbers, Since: i.First}
}

// asked is when the carrier was last asked, by sending or by looking.
func (i Intent) asked() time.Time { return later(i.Sent, i.Looked) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

const (
	kindWork store.Kind = "work"
	kindLane store.Kind = "work.lane"
)

// Names of the tags by which intents are found.
const (
	tagPhase   = "phase"
	tagKind    = "kind"
	tagCarrier = "carrier"
	tagRef     = "ref" // the carrier and its reference; only while the intent is open
)

func ofPhase(ph Phase) []store.Tag { return []store.Tag{{Name: tagPhase, Value: string(ph)}} }

// ofRef is how the open intents of a carrier's reference are asked for.
func ofRef(c provider.ID, r provider.Ref) store.Query {
	return store.Query{Kind: kindWork, All: []store.Tag{{Name: tagRef, Value: string(c) + "/" + string(r)}}, Limit: store.MaxLimit}
}

func (i *Intent) tags() []store.Tag {
	tags := append(ofPhase(i.Phase), store.Tag{Name: tagKind, Value: string(i.Kind)}, store.Tag{Name: tagCarrier, Value: string(i.Carrier)})
	if q := ofRef(i.Carrier, i.Ref); i.Ref != "" && i.Phase != Done && q.Validate() == nil {
		tags = append(tags, q.All...)
	}
	return tags
}

// put stores the intent, and the due record by which it is taken up.
func (e *Engine) put(tx store.Tx, i *Intent) error {
	body, err := json.Marshal(i)
	if err != nil {
		return fmt.Errorf("work: intent %s: %w", i.ID, err)
	}
	r := store.Record{Kind: kindWork, ID: i.ID, Version: i.version, Body: body, Tags: i.tags()}
	if err := tx.Put(&r); err != nil {
		return err
	}
	booked := i.version == 0
	i.version = r.Version
	if booked {
		return tx.Put(&store.Record{Kind: kindDue(i.Carrier), ID: i.ID, Due: i.Due})
	}
	return e.schedule(tx, i)
}

func decode(r store.Record) (Intent, error) {
	i := Intent{ID: r.ID, version: r.Version}
	if err := json.Unmarshal(r.Body, &i); err != nil {
		return Intent{}, fmt.Errorf("work: intent %s: %w", r.ID, err)
	}
	return i, nil
}

// get reads an intent and when it is due.
func get(r store.Reader, id store.ID) (Intent, error) {
	rec, err := r.Get(kindWork, id)
	if err != nil {
		return Intent{}, err
	}
	return whole(r, rec)
}

func whole(r store.Reader, rec store.Record) (Intent, error) {
	i, err := decode(rec)
	if err != nil {
		return Intent{}, err
	}
	due, err := dueRecord(r, i)
	i.Due = due.Due
	return i, err
}
