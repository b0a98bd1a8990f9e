package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const date = "2026-08-17"

func read(t *testing.T, elem ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, elem...)...))
	require.NoError(t, err)
	return string(data)
}

func TestGeneratedFileIsUpToDate(t *testing.T) {
	t.Parallel()
	src, err := generate(strings.NewReader(read(t, "testdata", "npa.csv")), strings.NewReader(read(t, "testdata", "nxx_special.csv")), date)
	require.NoError(t, err)
	require.True(t, bytes.Equal(src, []byte(read(t, "table_gen.go"))), "table_gen.go is stale: run go generate ./nanp")
	require.Contains(t, read(t, "table.go"), "-date "+date)
}

func TestRunWritesTheFile(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out.go")
	data := filepath.Join("..", "..", "testdata")
	require.NoError(t, run(filepath.Join(data, "npa.csv"), filepath.Join(data, "nxx_special.csv"), date, out))
	src, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, read(t, "table_gen.go"), string(src))
	require.Error(t, run("missing.csv", "missing.csv", date, out))
	require.Error(t, run(filepath.Join(data, "npa.csv"), "missing.csv", date, out))
}

func TestGenerateRefusesBadData(t *testing.T) {
	t.Parallel()
	npas, special := read(t, "testdata", "npa.csv"), read(t, "testdata", "nxx_special.csv")
	change := func(s, old, with string) string {
		require.Contains(t, s, old)
		return strings.Replace(s, old, with, 1)
	}
	for name, c := range map[string]struct{ npas, special, date string }{
		"bad date":          {npas, special, "17.8.2026"},
		"empty":             {"", special, date},
		"no header":         {change(npas, "npa,category", "a,b"), special, date},
		"a code missing":    {change(npas, "\n201,", "\n999,"), special, date},
		"unknown category":  {change(npas, ",geographic,", ",cartographic,"), special, date},
		"bad day":           {change(npas, "1947-01-01", "1947"), special, date},
		"not CSV":           {"\"" + npas, special, date},
		"short":             {npas[:strings.Index(npas, "\n999")], special, date},
		"special: header":   {npas, "a,b\n", date},
		"special: exchange": {npas, "nxx,npas\nx,201\n", date},
		"special: code":     {npas, "nxx,npas\n700,20\n", date},
	} {
		_, err := generate(strings.NewReader(c.npas), strings.NewReader(c.special), c.date)
		require.Error(t, err, name)
	}
	_, err := generate(strings.NewReader(npas), io.MultiReader(strings.NewReader(special)), date)
	require.NoError(t, err)
}
