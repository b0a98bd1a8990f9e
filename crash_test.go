//go:build unix

package numberdesk_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/bolt"
	"github.com/numberdesk/numberdesk/store/work"
)

var kills = flag.Int("kills", 60, "how often a buying process is killed")

// A buyer is a real process. It dies by SIGKILL at a step that it was told, or
// when its parent kills it at any instant.
const (
	envBuyer = "NUMBERDESK_TEST_BUYER" // the folder; makes this binary a buyer
	envStep  = "NUMBERDESK_TEST_STEP"  // dies at this step; 0: never by itself
	envChaos = "NUMBERDESK_TEST_CHAOS" // seed of the carrier's chaos; 0: polite
)

const buys = 5

func TestMain(m *testing.M) {
	flag.Parse()
	if folder := os.Getenv(envBuyer); folder != "" {
		if err := buyer(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fastClock runs 400 times faster than the world, and on over restarts.
func fastClock() time.Time {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return from.Add(time.Since(from) * 400)
}

// buyer buys five numbers, or finishes what an earlier process began.
func buyer(folder string) error {
	ctx := context.Background()
	steps := &stepper{}
	steps.last, _ = strconv.ParseInt(os.Getenv(envStep), 10, 64)
	chaos, _ := strconv.ParseUint(os.Getenv(envChaos), 10, 64)
	desk, err := openBuyer(ctx, folder, chaos, steps)
	if err != nil {
		return err
	}
	all, err := desk.DIDs.List(ctx, did.Filter{WithClosed: true}, provider.Page{})
	if err != nil {
		return err
	}
	if len(all.Items) == 0 {
		if err := buySome(ctx, desk); err != nil {
			return err
		}
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if _, err := desk.Step(ctx); err != nil {
			return err
		}
		if open, err := desk.Work.Open(ctx); err != nil || open == 0 {
			return errors.Join(err, desk.Close())
		}
	}
	return errors.New("the purchase did not settle")
}

func openBuyer(ctx context.Context, folder string, chaos uint64, steps *stepper) (*numberdesk.Desk, error) {
	st, err := bolt.Open(ctx, bolt.Options{Path: filepath.Join(folder, "desk.db")})
	if err != nil {
		return nil, err
	}
	c := sandbox.Config{Ledger: filepath.Join(folder, "ledger"), Now: fastClock, Keying: provider.ByKey, OrderLines: 3}
	if chaos != 0 {
		c.Chaos = sandbox.Hostile(chaos)
		c.Chaos.Only = []provider.Op{provider.OpPlace, provider.OpTrack}
	}
	carrier, err := sandbox.New(c)
	if err != nil {
		return nil, err
	}
	return numberdesk.Open(ctx, numberdesk.Config{Store: stepped{st, steps}, Carriers: []provider.Provider{steps.around()(carrier)}, Now: fastClock,
		CallTimeout: 100 * time.Millisecond})
}

func buySome(ctx context.Context, desk *numberdesk.Desk) error {
	search, err := desk.Market.Search(ctx, market.Query{State: "AR", Want: buys})
	if err != nil {
		return err
	}
	offers, err := search.All()
	if err != nil {
		return err
	}
	_, err = desk.DIDs.Buy(ctx, offers)
	return err
}

// stepper counts the steps of a purchase and dies at one of them.
type stepper struct{ now, last int64 }

func (s *stepper) step() {
	if n := atomic.AddInt64(&s.now, 1); n == s.last {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

// around makes a step before and after every call to the carrier.
func (s *stepper) around() provider.Middleware {
	return provider.Intercept(func(ctx context.Context, _ provider.Call, next func(context.Context) error) error {
		s.step()
		defer s.step()
		return next(ctx)
	})
}

// stepped makes a step before, within and after every commit.
type stepped struct {
	store.Store
	s *stepper
}

func (d stepped) Update(ctx context.Context, f func(store.Tx) error) error {
	d.s.step()
	defer d.s.step()
	return d.Store.Update(ctx, func(tx store.Tx) error {
		defer d.s.step()
		return f(tx)
	})
}

func (d stepped) Claim(ctx context.Context, c store.Claim) ([]store.Record, error) {
	found, err := d.Store.Claim(ctx, c)
	if len(found) > 0 {
		d.s.step()
	}
	return found, err
}

// TestKilledBuyers kills a buyer at each step of its purchase, then kills the
// process that recovers, at each of its steps, and compares at the end: ledger
// and inventory hold the same numbers, none missing, none twice.
func TestKilledBuyers(t *testing.T) {
	if testing.Short() {
		t.Log("not run: needs real processes")
		return
	}
	k := &killer{t: t, want: *kills}
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() { k.work(uint64(w)) })
	}
	wg.Wait()
	t.Logf("%d kills in %d purchases; %d of them during a recovery; at %d different steps", k.done, k.purchases, k.again, len(k.at))
	require.GreaterOrEqual(t, k.done, k.want)
	require.Greater(t, len(k.at), 15, "the steps were not reached")
}

type killer struct {
	t         *testing.T
	mu        sync.Mutex
	want      int
	done      int
	again     int
	purchases int
	at        map[int64]bool
}

// work makes purchases until enough processes were killed. Step numbers go up
// from purchase to purchase; every fourth process is killed by the clock instead,
// at any instant.
func (k *killer) work(lane uint64) {
	rng := rand.New(rand.NewPCG(lane, 7))
	for round := int64(0); ; round++ {
		k.mu.Lock()
		enough := k.done >= k.want || k.t.Failed()
		k.purchases++
		k.mu.Unlock()
		if enough {
			return
		}
		folder, err := os.MkdirTemp(k.t.TempDir(), "desk")
		if err != nil {
			k.t.Error(err)
			return
		}
		chaos := uint64(0)
		if round%2 == 1 {
			chaos = uint64(round)<<1 | lane
		}
		first := round%30 + 1
		for i, step := range []int64{first, 1 + rng.Int64N(12), 1 + rng.Int64N(24)} {
			var after time.Duration
			if rng.IntN(4) == 0 {
				step, after = 0, time.Duration(rng.IntN(80))*time.Millisecond
			}
			killed, err := run(folder, step, chaos, after)
			if err != nil {
				k.t.Errorf("round %d, process %d: %v", round, i, err)
				return
			}
			if killed {
				k.count(i > 0, step)
			}
		}
		if killed, err := run(folder, 0, chaos, 0); err != nil || killed {
			k.t.Errorf("round %d: the last process: killed %t, %v", round, killed, err)
			return
		}
		if err := compare(folder); err != nil {
			k.t.Errorf("round %d (step %d, chaos %d): %v", round, first, chaos, err)
			return
		}
		if err := os.RemoveAll(folder); err != nil {
			k.t.Error(err)
			return
		}
	}
}

func (k *killer) count(again bool, step int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.done++
	if again {
		k.again++
	}
	if k.at == nil {
		k.at = map[int64]bool{}
	}
	k.at[step] = true
}

// run starts a buyer and waits for its end. after > 0 kills it from outside.
func run(folder string, step int64, chaos uint64, after time.Duration) (killed bool, err error) {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), envBuyer+"="+folder, fmt.Sprintf("%s=%d", envStep, step), fmt.Sprintf("%s=%d", envChaos, chaos))
	var said lastWords
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return false, err
	}
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() && ws.Signal() == syscall.SIGKILL {
			return true, nil
		}
		return false, fmt.Errorf("%w: %s", err, said)
	}
	return false, err
}

type lastWords []byte

func (l *lastWords) Write(b []byte) (int, error) {
	*l = append(*l, b...)
	return len(b), nil
}

// compare holds the inventory against the ledger.
func compare(folder string) (err error) {
	book, err := sandbox.ReadLedger(filepath.Join(folder, "ledger"))
	if err != nil {
		return err
	}
	ctx := context.Background()
	desk, err := openBuyer(ctx, folder, 0, &stepper{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, desk.Close()) }()
	all, err := desk.DIDs.List(ctx, did.Filter{WithClosed: true}, provider.Page{})
	if err != nil {
		return err
	}
	var active []nanp.Number
	for _, r := range all.Items {
		switch r.Status {
		case did.Active:
			active = append(active, r.Number)
		case did.Failed:
		default:
			return fmt.Errorf("%s is %s: %s", r.Number.Format(), r.Status, r.Attention)
		}
	}
	person, err := desk.Work.List(ctx, work.Human, provider.Page{})
	switch {
	case err != nil:
		return err
	case len(person.Items) > 0:
		return fmt.Errorf("a person has to decide: %s", person.Items[0].Note)
	case len(all.Items) != buys:
		return fmt.Errorf("%d numbers in the inventory, %d were bought", len(all.Items), buys)
	case !slices.Equal(active, book.Owned):
		return fmt.Errorf("the inventory holds %v and the ledger %v", active, book.Owned)
	case len(book.Doubled()) > 0 || len(book.Charges) != len(active):
		return fmt.Errorf("%d charges for %d numbers, doubled: %v", len(book.Charges), len(active), book.Doubled())
	}
	return nil
}
