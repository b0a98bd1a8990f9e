package numberdesk_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/journal"
)

func TestOpenRefuses(t *testing.T) {
	carrier, err := sandbox.New(sandbox.Config{})
	require.NoError(t, err)
	for says, c := range map[string]numberdesk.Config{
		"Store is nil":      {Carriers: []provider.Provider{carrier}},
		"Carriers is empty": {Store: memstore.New()},
		"is nil":            {Store: memstore.New(), Carriers: []provider.Provider{nil}},
		"two carriers":      {Store: memstore.New(), Carriers: []provider.Provider{carrier, carrier}},
	} {
		_, err := numberdesk.Open(t.Context(), c)
		require.ErrorContains(t, err, says)
	}
	_, err = numberdesk.OpenDemo(t.Context(), filepath.Join(t.TempDir(), "missing"))
	require.Error(t, err)
}

func TestDemoFilesAreHeld(t *testing.T) {
	dir := t.TempDir()
	desk, err := numberdesk.OpenDemo(t.Context(), dir)
	require.NoError(t, err)
	_, err = numberdesk.OpenDemo(t.Context(), dir)
	require.Error(t, err, "two desks on one folder")
	require.NoError(t, desk.Close())
	desk, err = numberdesk.OpenDemo(t.Context(), dir)
	require.NoError(t, err)
	require.NoError(t, desk.Close())
}

func TestCloseEndsEverything(t *testing.T) {
	desk, err := numberdesk.OpenDemo(t.Context(), t.TempDir())
	require.NoError(t, err)
	ran := make(chan error, 2)
	for range 2 {
		go func() { ran <- desk.Run(context.Background()) }()
	}
	_, err = desk.Step(t.Context())
	require.NoError(t, err)
	require.NoError(t, desk.Close())
	for range 2 {
		select {
		case err := <-ran:
			require.ErrorIs(t, err, numberdesk.ErrClosed)
		case <-time.After(10 * time.Second):
			t.Fatal("Run outlives Close")
		}
	}
	_, err = desk.Step(t.Context())
	require.ErrorIs(t, err, numberdesk.ErrClosed)
	require.ErrorIs(t, desk.Run(t.Context()), numberdesk.ErrClosed)
	require.NoError(t, desk.Close(), "closing twice")
	_, err = desk.DIDs.List(t.Context(), did.Filter{}, provider.Page{})
	require.ErrorIs(t, err, store.ErrClosed)
}

// What was bought is there after a restart, and a subscriber goes on where it was.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	var seen []string
	open := func() *numberdesk.Desk {
		desk, err := numberdesk.OpenDemo(t.Context(), dir)
		require.NoError(t, err)
		require.NoError(t, desk.Events.Subscribe("billing", func(_ context.Context, e journal.Event) error {
			seen = append(seen, e.Type)
			return nil
		}))
		return desk
	}
	desk := open()
	search, err := desk.Market.Search(t.Context(), market.Query{Kind: provider.TollFree})
	require.NoError(t, err)
	offers, err := search.All()
	require.NoError(t, err)
	require.Len(t, offers, 10, "ten toll-free numbers unless something else is said")
	order, err := desk.DIDs.Buy(t.Context(), offers[:1])
	require.NoError(t, err)
	require.NoError(t, desk.Close(), "before the carrier was asked")

	desk = open()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go desk.Run(ctx)
	owned, err := desk.DIDs.Wait(ctx, order.Numbers...)
	require.NoError(t, err)
	require.NotEqual(t, did.Pending, owned[0].Status)
	require.Eventually(t, func() bool { n, err := desk.Work.Open(ctx); return err == nil && n == 0 }, 10*time.Second, 5*time.Millisecond)
	require.NoError(t, desk.Close())

	desk = open()
	for {
		n, err := desk.Step(t.Context())
		require.NoError(t, err)
		if n == 0 {
			break
		}
	}
	require.NoError(t, desk.Close())
	require.Equal(t, "did.bought", seen[0])
	require.Contains(t, []string{"did.active", "did.failed"}, seen[len(seen)-1])
}

func TestWaitEndsWithItsContext(t *testing.T) {
	desk, err := numberdesk.OpenDemo(t.Context(), t.TempDir())
	require.NoError(t, err)
	defer desk.Close()
	search, err := desk.Market.Search(t.Context(), market.Query{State: "AR"})
	require.NoError(t, err)
	offers, err := search.All()
	require.NoError(t, err)
	order, err := desk.DIDs.Buy(t.Context(), offers[:2])
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = desk.DIDs.Wait(ctx, order.Numbers...) // nobody runs the engine
	require.True(t, errors.Is(err, context.DeadlineExceeded))
}

// The example of the README is the one that runs.
func TestReadmeShowsTheExample(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	_, after, found := bytes.Cut(readme, []byte("```go\n"))
	require.True(t, found)
	code, _, _ := bytes.Cut(after, []byte("```"))
	for _, line := range strings.Split(strings.TrimSpace(string(code)), "\n") {
		require.Contains(t, string(source), strings.TrimSpace(line))
	}
	for _, command := range []string{"go run ./examples/quickstart", "go test ./..."} {
		require.Contains(t, string(readme), command)
	}
}

// The diagram in the documentation is the table that runs.
func TestDiagramIsTheTable(t *testing.T) {
	doc, err := os.ReadFile("ARCHITECTURE.md")
	require.NoError(t, err)
	require.Contains(t, string(doc), did.Diagram())
}
