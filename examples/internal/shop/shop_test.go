package shop

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

// shopAt is the story over the sandbox: no example reaches a real carrier in a test.
func shopAt(t *testing.T, opened *int) Carrier {
	return Carrier{Name: "acorn", Settings: []Setting{{Name: "ACORN_KEY", What: "the key of your account"}, {Name: "ACORN_SITE", What: "where numbers go", Optional: true}},
		Open: func(value func(string) string) (provider.Provider, error) {
			*opened++
			require.Equal(t, "k", value("ACORN_KEY"))
			c, err := sandbox.New(sandbox.Config{Instant: true})
			if err == nil {
				t.Cleanup(func() { c.Close() })
			}
			return c, err
		}}
}

func TestWithoutAKeyItSaysWhatToSet(t *testing.T) {
	var out bytes.Buffer
	opened := 0
	require.NoError(t, run(t.Context(), &out, shopAt(t, &opened), func(string) string { return "" }, options{buy: 1, state: "AR", want: 2}))
	require.Contains(t, out.String(), "ACORN_KEY")
	require.Contains(t, out.String(), "(optional)")
	require.Zero(t, opened)
}

func TestItSearchesAndBuysOnlyWhenAsked(t *testing.T) {
	key := func(name string) string { return map[string]string{"ACORN_KEY": "k"}[name] }
	opened := 0
	db := filepath.Join(t.TempDir(), "db")

	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, shopAt(t, &opened), key, options{state: "AR", want: 2, db: db}))
	require.Contains(t, out.String(), "(479) 242-0001")
	require.Contains(t, out.String(), "Nothing was bought")
	require.NoDirExists(t, db)

	out.Reset()
	require.NoError(t, run(t.Context(), &out, shopAt(t, &opened), key, options{state: "AR", want: 2, buy: 1, db: db}))
	require.Contains(t, out.String(), "ACTIVE")
	require.DirExists(t, db, "what was bought is kept")
}
