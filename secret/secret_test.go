package secret_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/secret"
)

const canary = "tweety-4711"

// leaked lists every way in which the canary may look when it is printed.
var leaked = []string{
	canary,
	fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprintf("% x", canary), fmt.Sprintf("%#x", canary),
	strings.Trim(fmt.Sprint([]byte(canary)), "[]"), fmt.Sprintf("%#v", []byte(canary)),
	"dHdlZXR5LTQ3MTE", // base64
	"tweety", "4711",
}

func requireHidden(t *testing.T, got, how string) {
	t.Helper()
	for _, l := range leaked {
		require.NotContains(t, got, l, how)
	}
}

type holder struct {
	Exported  secret.String
	ExportedB secret.Bytes
	hidden    secret.String
	hiddenB   secret.Bytes
	hiddenP   *secret.String
	Map       map[string]secret.String
	Slice     []secret.Bytes
	Any       any
	Key       *secret.Keyring
	inner     struct{ deep [2]secret.String }
}

func holders(ring *secret.Keyring) map[string]any {
	s, b := secret.New(canary), secret.NewBytes([]byte(canary))
	h := holder{
		Exported: s, ExportedB: b, hidden: s, hiddenB: b, hiddenP: &s, Map: map[string]secret.String{"x": s},
		Slice: []secret.Bytes{b, b}, Any: s, Key: ring,
	}
	h.inner.deep[1] = s
	return map[string]any{
		"String": s, "*String": &s, "Bytes": b, "*Bytes": &b, "[]String": []secret.String{s}, "[]Bytes": []secret.Bytes{b},
		"map": map[string]secret.String{"k": s}, "map of any": map[string]any{"k": b}, "map key": map[secret.String]int{s: 1},
		"struct": h, "*struct": &h, "**struct": ptr(&h), "[]any": []any{s, b, h}, "array": [1]secret.String{s},
		"Keyring": ring, "reflect.Value": reflect.ValueOf(h), "hidden any": struct{ v any }{h},
	}
}

func ptr[T any](v T) *T { return &v }

func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	verbs := []string{
		"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%#x", "%+q", "%d", "%b", "%o", "%c", "%U", "%e", "%t", "%p", "%T",
		"%10v", "%-20s", "%.3s", "%w", "%!", "%z",
	}
	ring, err := secret.NewKeyring("k", append([]byte(canary), make([]byte, 32-len(canary))...))
	require.NoError(t, err)
	for name, v := range holders(ring) {
		for _, verb := range verbs {
			requireHidden(t, fmt.Sprintf(verb, v), name+" "+verb)
			requireHidden(t, fmt.Errorf("failed: "+verb, v).Error(), name+" Errorf "+verb)
		}
		requireHidden(t, fmt.Sprint(v), name)
		requireHidden(t, fmt.Sprintln("x", v, v), name)

		var buf bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&buf, nil), slog.NewJSONHandler(&buf, nil)} {
			l := slog.New(h)
			l.Info("m", "v", v)
			l.With("v", v).WithGroup("g").Info("m", slog.Any("v", v), slog.Group("g", "v", v))
		}
		log.New(&buf, "", 0).Print(v)
		data, err := json.Marshal(v)
		if err == nil {
			buf.Write(data)
		} else {
			buf.WriteString(err.Error())
		}
		data, err = xml.Marshal(v)
		buf.Write(data)
		buf.WriteString(fmt.Sprint(err))
		err = gob.NewEncoder(&buf).Encode(v)
		buf.WriteString(fmt.Sprint(err))
		buf.WriteString(fmt.Sprint(errors.Join(errors.New("x"), fmt.Errorf("%v", v))))
		requireHidden(t, buf.String(), name)
	}
}

// walk prints what a printer sees that follows every pointer and reads every
// field, as those do that show the difference of two values in a failed test.
func walk(w *strings.Builder, v reflect.Value, depth int) {
	if depth > 12 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(w, v.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			walk(w, v.Field(i), depth+1)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			for i := range v.Len() {
				w.WriteByte(byte(v.Index(i).Uint()))
			}
			w.WriteByte('\n')
			return
		}
		for i := range v.Len() {
			walk(w, v.Index(i), depth+1)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			walk(w, k, depth+1)
			walk(w, v.MapIndex(k), depth+1)
		}
	case reflect.String:
		w.WriteString(v.String() + "\n")
	}
}

func TestReflectingPrintersSeeNoPlainText(t *testing.T) {
	t.Parallel()
	for name, v := range holders(nil) { // a cipher cannot help holding its key
		var w strings.Builder
		walk(&w, reflect.ValueOf(v), 0)
		requireHidden(t, w.String(), name)
	}
}

func TestRedactedText(t *testing.T) {
	t.Parallel()
	s, b := secret.New(canary), secret.NewBytes([]byte(canary))
	for _, got := range []string{
		s.String(), b.String(), s.GoString(), b.GoString(), fmt.Sprintf("%x", s), fmt.Sprintf("%10d", b),
		s.LogValue().String(), b.LogValue().String(),
	} {
		require.Equal(t, secret.Redacted, got)
	}
	data, err := json.Marshal(map[string]any{"s": s, "b": b, "z": secret.String{}, "zb": secret.Bytes{}})
	require.NoError(t, err)
	require.JSONEq(t, `{"s":"[redacted]","b":"[redacted]","z":"","zb":""}`, string(data))
	text, err := b.MarshalText()
	require.NoError(t, err)
	require.Equal(t, secret.Redacted, string(text))
	for _, refuse := range []func() ([]byte, error){s.MarshalBinary, b.MarshalBinary, s.GobEncode, b.GobEncode} {
		data, err := refuse()
		require.ErrorIs(t, err, secret.ErrEncode)
		require.Empty(t, data)
	}
	require.ErrorIs(t, gob.NewEncoder(&bytes.Buffer{}).Encode(struct{ S secret.String }{s}), secret.ErrEncode)
}

func TestReveal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v, w := rapid.String().Draw(t, "v"), rapid.String().Draw(t, "w")
		s, b := secret.New(v), secret.NewBytes([]byte(v))
		require.Equal(t, v, s.Reveal())
		require.Equal(t, v, string(b.Reveal()))
		require.Equal(t, v == "", s.IsZero())
		require.Equal(t, v == "", b.IsZero())
		require.True(t, s.Equal(secret.New(v)))
		require.True(t, b.Equal(secret.NewBytes([]byte(v))))
		require.Equal(t, v == w, s.Equal(secret.New(w)))
		require.Equal(t, v == w, b.Equal(secret.NewBytes([]byte(w))))
		require.True(t, reflect.DeepEqual(s, secret.New(v)), "records with secrets compare in tests")
		if v != secret.Redacted {
			var back secret.String
			require.NoError(t, back.UnmarshalText([]byte(v)))
			require.Equal(t, v, back.Reveal())
		}
	})
	raw := []byte(canary)
	b := secret.NewBytes(raw)
	raw[0] = 'x'
	out := b.Reveal()
	require.Equal(t, canary, string(out), "the secret has a copy")
	out[0] = 'x'
	require.Equal(t, canary, string(b.Reveal()), "and gives copies")
	require.Equal(t, secret.String{}, secret.New(""))
}

func TestReadFromConfiguration(t *testing.T) {
	t.Parallel()
	var c struct {
		Token secret.String `json:"token"`
		Other secret.String `json:"other,omitzero"`
	}
	require.NoError(t, json.Unmarshal([]byte(`{"token":"`+canary+`"}`), &c))
	require.Equal(t, canary, c.Token.Reveal())
	require.True(t, c.Other.IsZero())
	data, err := json.Marshal(c)
	require.NoError(t, err)
	require.JSONEq(t, `{"token":"[redacted]"}`, string(data))
	require.ErrorIs(t, json.Unmarshal(data, &c), secret.ErrRedacted)
	require.Equal(t, canary, c.Token.Reveal(), "a bad value changes nothing")
}
