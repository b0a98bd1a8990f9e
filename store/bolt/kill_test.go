package bolt

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/store"
)

var kills = flag.Int("kills", 20, "times that a writing process is killed")

// childEnv makes the test binary another process that uses a store: see child.
const childEnv = "NUMBERDESK_BOLT_CHILD"

// childLimited is there on systems that can limit the size of a file.
var childLimited func(path string)

// child does what it is told, "write <path>" or "hold <path>", and says on its
// output how far it is, until it is killed or its input ends.
func child(arg string) {
	what, path, _ := strings.Cut(arg, " ")
	if what == "full" {
		childLimited(path)
		return
	}
	s, err := Open(context.Background(), Options{Path: path})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	fmt.Println("open")
	if what == "write" {
		for {
			n, err := writeNext(s)
			if err != nil {
				fmt.Println("error", err)
				return
			}
			fmt.Println(n)
		}
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	s.Close()
}

// writeNext makes one more of a row of linked changes and returns its number.
func writeNext(s *Store) (n int, err error) {
	err = s.Update(context.Background(), func(tx store.Tx) error {
		r, err := tx.Get("did", "counter")
		if errors.Is(err, store.ErrNotFound) {
			r, err = store.Record{Kind: "did", ID: "counter"}, nil
		}
		if err != nil {
			return err
		}
		n, _ = strconv.Atoi(string(r.Body))
		n++
		r.Body = []byte(strconv.Itoa(n))
		r.Tags = []store.Tag{{Name: "mod", Value: strconv.Itoa(n % 3)}}
		d := did(n)
		if err := errors.Join(tx.Put(&r), tx.Put(&d)); err != nil {
			return err
		}
		_, err = tx.Append("journal", store.Entry{Subject: string(d.ID), Body: d.Row})
		return err
	})
	return n, err
}

// written checks that exactly the first n changes are there, and returns n.
func written(t testing.TB, s *Store) (n int) {
	require.NoError(t, s.View(context.Background(), func(tx store.Reader) error {
		r, err := tx.Get("did", "counter")
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		require.NoError(t, err)
		n, _ = strconv.Atoi(string(r.Body))
		for _, q := range []store.Query{{Kind: "did", Prefix: "+"}, {Kind: "did", Contains: "+1"}} {
			dids, _, err := tx.Count(q, 0)
			require.NoError(t, err)
			require.Equal(t, n, dids)
		}
		es, err := tx.Read("journal", "", store.Seq(n-1), 0)
		require.NoError(t, err)
		require.Len(t, es, 1)
		_, err = tx.Get("did", didID(n))
		require.NoError(t, err)
		_, err = tx.Get("did", didID(n+1))
		require.ErrorIs(t, err, store.ErrNotFound)
		return nil
	}))
	return n
}

type process struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
}

func start(t *testing.T, arg string) *process {
	exe, err := os.Executable()
	require.NoError(t, err)
	p := &process{cmd: exec.Command(exe)}
	p.cmd.Env = append(os.Environ(), childEnv+"="+arg)
	p.in, err = p.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.lines = bufio.NewScanner(out)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	require.True(t, p.lines.Scan())
	require.Equal(t, "open", p.lines.Text())
	return p
}

func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	total := 0
	for round := range *kills {
		p := start(t, "write "+path)
		acked := 0
		for range 1 + rand.IntN(25) {
			require.True(t, p.lines.Scan())
			n, err := strconv.Atoi(p.lines.Text())
			require.NoError(t, err, p.lines.Text())
			acked = n
		}
		require.NoError(t, p.cmd.Process.Kill()) // it has gone on meanwhile, to somewhere in a commit
		for p.lines.Scan() {
			if n, err := strconv.Atoi(p.lines.Text()); err == nil {
				acked = n
			}
		}
		_ = p.cmd.Wait() // the error says that it was killed
		s := openAt(t, path)
		n := written(t, s)
		require.GreaterOrEqual(t, n, acked, "round %d: an acknowledged commit is lost", round)
		require.LessOrEqual(t, n, acked+1)
		require.NoError(t, s.Close())
		total = n
	}
	t.Logf("%d times killed, %d commits, none lost", *kills, total)
}

func TestInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	p := start(t, "hold "+path)
	began := time.Now()
	_, err := Open(t.Context(), Options{Path: path})
	require.Less(t, time.Since(began), time.Second)
	require.ErrorIs(t, err, store.ErrInUse)
	var fe *store.FileError
	require.ErrorAs(t, err, &fe)
	require.Equal(t, path, fe.Path)
	require.NotEmpty(t, fe.Remedy)
	_, err = Verify(t.Context(), path)
	require.ErrorIs(t, err, store.ErrInUse)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Open(ctx, Options{Path: path, LockWait: time.Hour})
	require.ErrorIs(t, err, context.Canceled)

	require.NoError(t, p.in.Close()) // the other process lets go while we wait
	s, err := Open(t.Context(), Options{Path: path, LockWait: time.Minute})
	require.NoError(t, err)
	_, err = Open(t.Context(), Options{Path: path, LockWait: time.Millisecond}) // nor twice in one process
	require.ErrorIs(t, err, store.ErrInUse)
	require.NoError(t, s.Close())
}
