package work_test

import (
	"context"
	"fmt"

	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/work"
)

// bells is a handler of one kind of work: it rings a bell at the carrier.
type bells struct{ rung map[provider.Key]bool }

func (b bells) Send(_ context.Context, i work.Intent) (string, error) {
	b.rung[i.Key()] = true
	return "", &provider.Error{Kind: provider.Unavailable, Text: "the line went dead"} // was it rung?
}

func (b bells) Track(_ context.Context, i work.Intent) (provider.Finding[string], error) {
	if b.rung[i.Key()] {
		return provider.Finding[string]{Verdict: provider.Found, Value: "ding"}, nil
	}
	return provider.Finding[string]{}, nil
}

func (bells) Book(_ store.Tx, _ work.Intent, answer string) (work.Progress, error) {
	fmt.Println("booked:", answer)
	return work.Progress{Done: true}, nil
}

func (bells) Fail(store.Tx, work.Intent, error) error { return nil }
func (bells) Stuck(store.Tx, work.Intent) error       { return nil }

type tower struct{}

func (tower) ID() provider.ID                     { return "tower" }
func (tower) Capabilities() provider.Capabilities { return provider.Capabilities{} }

// A request whose answer is lost is settled by looking, not by sending again.
func Example() {
	ctx := context.Background()
	st := memstore.New()
	carriers, _ := provider.NewSet(tower{})
	engine, _ := work.New(work.Config{Store: st, Carriers: carriers})
	_ = work.Handle(engine, "bell", bells{map[provider.Key]bool{}})

	var i work.Intent
	_ = st.Update(ctx, func(tx store.Tx) (err error) {
		i, err = engine.Enqueue(tx, work.Intent{Kind: "bell", Carrier: "tower"})
		return err
	})
	for i.Phase != work.Done {
		_, _ = engine.Step(ctx)
		i, _ = engine.Get(ctx, i.ID)
	}
	fmt.Println("sent", i.Attempt, "time")
	// Output:
	// booked: ding
	// sent 1 time
}
