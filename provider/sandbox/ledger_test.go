package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

// The test binary is also the carrier that gets killed.
const (
	childLedger = "SANDBOX_TEST_LEDGER"
	childRound  = "SANDBOX_TEST_ROUND"
	childServe  = "SANDBOX_TEST_SERVE"
)

func TestMain(m *testing.M) {
	switch path := os.Getenv(childLedger); {
	case path == "":
		os.Exit(m.Run())
	case os.Getenv(childServe) != "":
		serveChild(path)
	default:
		buyChild(path, os.Getenv(childRound))
	}
}

// buyChild buys number after number until it is killed, and says so after each
// reply.
func buyChild(path, round string) {
	c, err := New(Config{Ledger: path, OrderLines: 3})
	if err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
	caps := c.Capabilities()
	exchanges := []nanp.NXX{202, 217, 219, 244, 246, 255, 257, 280, 753, 758, 771, 791}
	n, err := strconv.Atoi(round)
	if err != nil {
		os.Exit(1)
	}
	r := provider.SearchRequest{Query: vanity.Query{NPA: 501, NXX: exchanges[n]}, Page: provider.Page{Limit: 3}}
	for i := 0; ; i++ {
		found, err := caps.Search.Search(context.Background(), r)
		if err != nil || len(found.Items) < 3 {
			os.Exit(1)
		}
		key := provider.Key(fmt.Sprintf("r%s-%d", round, i))
		o, err := caps.Orders.Place(context.Background(), ordering(key, found.Items[0].Number, found.Items[1].Number, found.Items[2].Number))
		if err != nil {
			os.Exit(1)
		}
		os.Stdout.WriteString(fmt.Sprintf("replied %s %s %s\n", key, o.Ref, o.Items[0].Number))
	}
}

func serveChild(path string) {
	c, err := New(Config{Ledger: path})
	if err != nil {
		os.Exit(1)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		os.Exit(1)
	}
	os.Stdout.WriteString("listening http://" + l.Addr().String() + "\n")
	_ = http.Serve(l, c.Handler())
}

func child(t *testing.T, env ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, bufio.NewScanner(out)
}

func TestAKilledProcessLosesNothingThatWasReplied(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	replied := map[provider.Key]string{}
	for round := range 12 {
		cmd, out := child(t, childLedger+"="+path, fmt.Sprintf("%s=%d", childRound, round))
		lines := 0
		for out.Scan() {
			f := strings.Fields(out.Text())
			if len(f) != 4 || f[0] != "replied" {
				require.NotContains(t, out.Text(), "failed")
				continue // the last line may be cut off
			}
			replied[provider.Key(f[1])] = f[2]
			if lines++; lines == 5+round*5 {
				require.NoError(t, cmd.Process.Kill())
			}
		}
		_ = cmd.Wait()
		b, err := ReadLedger(path)
		require.NoError(t, err)
		refs := map[provider.Key]string{}
		for _, o := range b.Orders {
			refs[o.Key] = string(o.Ref)
		}
		for k, ref := range replied {
			require.Equal(t, 1, b.Applied(provider.OpPlace, k))
			require.Equal(t, ref, refs[k])
		}
		// At most the one order that was written and not replied to.
		require.LessOrEqual(t, len(b.Orders)-len(replied), round+1)
		require.Len(t, b.Charges, 3*len(b.Orders))
		require.Len(t, b.Owned, 3*len(b.Orders))
		require.Empty(t, b.Doubled())
	}
	require.Greater(t, len(replied), 300, "12 rounds of 5 to 60 orders and more")
}

func TestTheCarrierOutlivesTheBuyer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	dial := func() (*Client, *exec.Cmd) {
		cmd, out := child(t, childLedger+"="+path, childServe+"=1")
		require.True(t, out.Scan())
		p, err := Dial(ctxOf(t), strings.Fields(out.Text())[1], DialConfig{})
		require.NoError(t, err)
		return p, cmd
	}
	p, cmd := dial()
	found, err := p.Capabilities().Search.Search(ctxOf(t), arkansas)
	require.NoError(t, err)
	n := found.Items[0].Number
	o, err := p.Capabilities().Orders.Place(ctxOf(t), ordering("k1", n))
	require.NoError(t, err)
	_, err = New(Config{Ledger: path})
	require.ErrorIs(t, err, ErrLocked, "one writer")
	b, err := ReadLedger(path)
	require.NoError(t, err)
	require.Equal(t, []nanp.Number{n}, b.Owned, "readable meanwhile")

	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	_, err = p.Capabilities().Orders.Place(ctxOf(t), ordering("k2", found.Items[1].Number))
	require.Error(t, err)
	require.ErrorIs(t, err, provider.Unavailable)

	p, _ = dial() // the lock died with its owner
	f, err := p.Capabilities().Orders.Track(ctxOf(t), provider.Trace{Key: "k1"})
	require.NoError(t, err)
	require.Equal(t, o.Ref, f.Value.Ref)
	require.Zero(t, must(ReadLedger(path)).Applied(provider.OpPlace, "k2"))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestARestartedCarrierGoesOnWhereItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	clk := newClock()
	cfg := Config{Ledger: path, Sync: true, Now: clk.Now, Seed: 5}
	restart := func(old *desk) *desk {
		if old != nil {
			require.NoError(t, old.c.Close())
		}
		d := open(t, cfg)
		d.clk = clk
		return d
	}
	d := restart(nil)
	ns := d.find(12)
	placed, err := d.Orders.Place(ctxOf(t), ordering("k1", ns...))
	require.NoError(t, err)
	for !placed.Settled() {
		d = restart(d)
		clk.add(placed.Again)
		next := d.track("k1").Value
		require.Equal(t, placed.Ref, next.Ref)
		require.NotEqual(t, states(placed), states(next))
		placed = next
	}
	_, err = d.Routing.Route(ctxOf(t), provider.RouteRequest{Key: "k2", Numbers: ns[:1], To: "trunk"})
	require.NoError(t, err)
	_, err = d.Return.Return(ctxOf(t), provider.ReturnRequest{Key: "k3", Numbers: ns[1:2]})
	require.NoError(t, err)
	hs, err := d.Holds.Hold(ctxOf(t), "k4", d.find(2))
	require.NoError(t, err)
	require.NoError(t, d.Holds.Unhold(ctxOf(t), hs[0].Ref))
	before := d.c.Book()
	d = restart(d)
	require.Equal(t, before, d.c.Book())
	require.Equal(t, before, must(ReadLedger(path)))
	own, err := d.Owned.Owned(ctxOf(t), ns[0])
	require.NoError(t, err)
	require.Equal(t, "trunk", own.Route)
	h, err := d.Holds.TrackHold(ctxOf(t), provider.Trace{Key: "k4"})
	require.NoError(t, err)
	require.False(t, h.Value[0].Until.After(clk.Now()))
	require.True(t, h.Value[1].Until.After(clk.Now()))

	require.NoError(t, d.c.Close())
	wrong := cfg
	wrong.Seed = 6
	_, err = New(wrong)
	require.ErrorIs(t, err, ErrLedger)
	require.ErrorContains(t, err, "seed 5, not 6")
}

func TestTheBookAddsUp(t *testing.T) {
	d := open(t, Config{})
	ns := d.find(3)
	d.buy("k1", ns...)
	booked := d.clk.Now()
	o, err := d.Return.Return(ctxOf(t), provider.ReturnRequest{Key: "r1", Numbers: ns[:1]})
	require.NoError(t, err)
	d.clk.add(o.Again)
	b := d.c.Book()
	require.Equal(t, 450*money.Cent, b.Total())
	require.Equal(t, ns[1:], b.Owned)
	require.Equal(t, ns, b.OwnedAt(booked))
	require.Equal(t, ns[1:], b.OwnedAt(d.clk.Now()))
	require.Empty(t, b.OwnedAt(booked.Add(-time.Hour)))
	require.Len(t, b.Orders, 2)
	require.Equal(t, provider.OpReturn, b.Orders[1].Op)
	gone := b.Orders[1].Lines[0]
	require.Equal(t, BookedLine{Number: ns[0], State: provider.ItemGone, At: gone.At}, gone)
	require.WithinDuration(t, d.clk.Now(), gone.At, time.Millisecond)
	require.Equal(t, provider.ItemGone, b.Orders[0].Lines[0].State)
	require.Equal(t, provider.ItemLive, b.Orders[0].Lines[1].State)
	b.Events[0].Numbers[0] = 0
	require.NotZero(t, d.c.Book().Events[0].Numbers[0], "a copy")
}

// ledgerOf is a ledger with a few orders in it.
func ledgerOf(t testing.TB) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger")
	clk := newClock()
	c, err := New(Config{Ledger: path, Now: clk.Now})
	require.NoError(t, err)
	caps := c.Capabilities()
	found, err := caps.Search.Search(context.Background(), arkansas)
	require.NoError(t, err)
	for i := range 3 {
		_, err = caps.Orders.Place(context.Background(), ordering(provider.Key(fmt.Sprint("k", i)), found.Items[i].Number))
		require.NoError(t, err)
	}
	clk.add(settleMax)
	_, err = caps.Return.Return(context.Background(), provider.ReturnRequest{Key: "r", Numbers: []nanp.Number{found.Items[0].Number}})
	require.NoError(t, err)
	require.NoError(t, c.Close())
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return b
}

func TestATornLastLineIsDropped(t *testing.T) {
	whole := ledgerOf(t)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	last := len(whole) - len(lines[len(lines)-2])
	for cut := last; cut < len(whole); cut += 7 {
		path := filepath.Join(t.TempDir(), "ledger")
		require.NoError(t, os.WriteFile(path, whole[:cut], 0o600))
		b, err := ReadLedger(path)
		require.NoError(t, err)
		require.Equal(t, cut > last, b.Torn)
		require.Zero(t, b.Applied(provider.OpReturn, "r"))
		require.Len(t, b.Owned, 3)

		clk := newClock()
		clk.add(settleMax)
		d := open(t, Config{Ledger: path, Now: clk.Now})
		_, err = d.Return.Return(ctxOf(t), provider.ReturnRequest{Key: "r", Numbers: b.Owned[:1]})
		require.NoError(t, err)
		b, err = ReadLedger(path)
		require.NoError(t, err)
		require.False(t, b.Torn)
		require.Equal(t, 1, b.Applied(provider.OpReturn, "r"))
		require.NoError(t, d.c.Close())
	}
	// Not even the first line is whole.
	path := filepath.Join(t.TempDir(), "ledger")
	require.NoError(t, os.WriteFile(path, whole[:5], 0o600))
	d := open(t, Config{Ledger: path})
	d.find(1)
	require.Equal(t, d.c.Book(), must(ReadLedger(path)))
}

func TestDamageIsRefusedAndNamed(t *testing.T) {
	whole := ledgerOf(t)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	join := func(ls ...[]byte) []byte { return bytes.Join(ls, nil) }
	for name, c := range map[string]struct {
		file []byte
		line int
	}{
		"a digit":       {bytes.Replace(whole, []byte(`"k1"`), []byte(`"k7"`), 1), 3},
		"no checksum":   {join(lines[0], []byte("{}\n")), 2},
		"no JSON":       {join(lines[0], []byte("hello\n")), 2},
		"missing":       {join(lines[0], lines[2]), 2},
		"twice":         {join(lines[0], lines[1], lines[1]), 3},
		"order":         {join(lines[0], lines[2], lines[1]), 2},
		"no opening":    {join(lines[1]), 1},
		"empty line":    {join(lines[0], []byte("\n")), 2},
		"torn in front": {join(lines[0][:9], lines[1]), 1},
		"endless":       {bytes.Repeat([]byte("x"), maxLedgerLine+1), 1},
	} {
		path := filepath.Join(t.TempDir(), "ledger")
		require.NoError(t, os.WriteFile(path, c.file, 0o600))
		_, err := ReadLedger(path)
		var e *LedgerError
		require.ErrorAs(t, err, &e, name)
		require.ErrorIs(t, err, ErrLedger)
		require.Equal(t, c.line, e.Line, "%s: %v", name, err)
		_, err = New(Config{Ledger: path})
		require.ErrorIs(t, err, ErrLedger, name)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(c.file, after), "%s: a damaged ledger is not touched", name)
	}
	_, err := ReadLedger(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestEveryFlippedBitIsFound(t *testing.T) {
	whole := ledgerOf(t)
	for i := range whole {
		for _, bit := range []byte{1, 32} {
			b := bytes.Clone(whole)
			b[i] ^= bit
			_, torn, err := readEntries(bytes.NewReader(b), func(entry) error { return nil })
			// The last newline is what tells a whole line from a torn one.
			require.True(t, err != nil || torn && i == len(whole)-1 || sameMeaning(whole, b), "byte %d, bit %d", i, bit)
		}
	}
}

// sameMeaning: a letter of a JSON key outside of what the checksum covers may
// change its case.
func sameMeaning(a, b []byte) bool { return bytes.EqualFold(a, b) }

func TestAFailingDiskIsNoReply(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	d := open(t, Config{Ledger: path})
	ns := d.find(2)
	d.buy("k1", ns[0])
	require.NoError(t, d.c.ledger.f.Close())
	_, err := d.Orders.Place(ctxOf(t), ordering("k2", ns[1]))
	fails(t, err, provider.Unavailable, provider.OutcomeUnknown)
	require.ErrorIs(t, err, os.ErrClosed)
	require.Equal(t, ns[:1], d.c.Book().Owned, "what was not written did not happen")
	require.Equal(t, ns[:1], must(ReadLedger(path)).Owned)
	d.c.ledger = nil // for Close
	_, err = d.Orders.Place(ctxOf(t), ordering("k3", ns[1]))
	fails(t, err, provider.Unavailable, provider.NotApplied)
	_, err = d.Orders.Track(ctxOf(t), provider.Trace{Key: "k2"})
	fails(t, err, provider.Unavailable, provider.NotApplied)
}

func FuzzLedger(f *testing.F) {
	f.Add(ledgerOf(f))
	e, err := encodeEntry(entry{N: 2, Op: provider.OpReturn, Lines: []line{{Number: nanp.MustParse("5012170000"), Gone: time.Unix(0, 0)}}})
	require.NoError(f, err)
	first, err := encodeEntry(entry{N: 1, Op: opOpen})
	require.NoError(f, err)
	f.Add(append(first, e...))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := newState()
		good, torn, err := readEntries(bytes.NewReader(b), func(e entry) error { s.apply(e); return nil })
		if good > int64(len(b)) || err == nil && !torn && good != int64(len(b)) {
			t.Fatalf("%d good bytes of %d", good, len(b))
		}
		_ = s.book()
		if err != nil && !errors.Is(err, ErrLedger) {
			t.Fatal(err)
		}
	})
}

// FuzzEntries applies entries that have the right checksum and make no sense.
func FuzzEntries(f *testing.F) {
	f.Add([]byte(`{"n":1,"op":"place order","key":"k","ref":"r","lines":[{"number":"+15012170000","live":"2026-01-01T00:00:00Z"}]}`))
	f.Add([]byte(`{"n":1,"op":"arrive","key":"k","ref":"r"}`))
	f.Add([]byte(`{"n":1,"op":"set name","key":"k","ref":"r","name":{"name":"ACME","lines":[{"number":"+15012170000","listed":"2026-01-01T00:00:00Z","foreign":true}]}}`))
	f.Add([]byte(`{"n":1,"op":"register","key":"k","ref":"r","e911":{"address":{"Street":"MAIN"},"lines":[{"number":"+15012170000","active":"2026-01-01T00:00:00Z"}]}}`))
	f.Add([]byte(`{"n":1,"op":"set endpoint","key":"k","ref":"r","e911":{"device":"ep","address":{},"lines":[{"active":"2026-01-01T00:00:00Z"},{"gone":"2026-01-01T00:00:00Z"}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := decodeEntry([]byte(fmt.Sprintf(`{"sum":%q,"entry":%s}`, checksum(body), body)))
		if err != nil {
			return
		}
		s := newState()
		for _, op := range []provider.Op{provider.OpHold, provider.OpPlace, opArrive, provider.OpCloseOrder, provider.OpReturn, provider.OpUnhold, provider.OpRoute, e.Op} {
			e.Op = op
			s.apply(e)
		}
		_ = s.book()
		for _, n := range s.numbers {
			_ = s.owned(n, view{at: e.At})
			_ = s.taken(n, view{at: e.At}, rest)
		}
	})
}
