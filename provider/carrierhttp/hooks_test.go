package carrierhttp_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

func TestBase64IsStrict(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"": "", "YQ==": "a", "YWI=": "ab", "YWJj": "abc", "+/+/": "\xfb\xff\xbf"} {
		got, ok := carrierhttp.Base64(s)
		require.True(t, ok, s)
		require.Equal(t, want, string(got))
	}
	for _, s := range []string{"YQ", "YQ=", "YQ===", "YR==", "YWJ=", "YWJj\n", "YW\nJj", "YW\r\nJj", " YWJj", "YWJj ", "-_-_", "YWJj=", "=", "YQ==YQ==", "YWJjé", "YQ==\x00"} {
		got, ok := carrierhttp.Base64(s)
		require.False(t, ok, "%q", s)
		require.Nil(t, got)
	}
}

func TestMAC(t *testing.T) {
	t.Parallel()
	message := []byte("hello")
	sum := func(key string) []byte {
		m := hmac.New(sha256.New, []byte(key))
		m.Write(message)
		return m.Sum(nil)
	}
	keys := func(ks ...string) (out []secret.String) {
		for _, k := range ks {
			out = append(out, secret.New(k))
		}
		return out
	}
	require.True(t, carrierhttp.MAC(sha256.New, keys("new"), message, sum("new")))
	require.True(t, carrierhttp.MAC(sha256.New, keys("new", "old"), message, sum("new")))
	require.True(t, carrierhttp.MAC(sha256.New, keys("new", "old"), message, sum("old")))
	for what, ok := range map[string]bool{
		"another key":   carrierhttp.MAC(sha256.New, keys("new", "old"), message, sum("none")),
		"no keys":       carrierhttp.MAC(sha256.New, nil, message, sum("")),
		"empty key":     carrierhttp.MAC(sha256.New, keys(""), message, sum("")),
		"empty beside":  carrierhttp.MAC(sha256.New, keys("new", ""), message, sum("")),
		"good beside":   carrierhttp.MAC(sha256.New, keys("new", ""), message, sum("new")),
		"zero key":      carrierhttp.MAC(sha256.New, []secret.String{{}}, message, sum("")),
		"no sum":        carrierhttp.MAC(sha256.New, keys("new"), message, nil),
		"short sum":     carrierhttp.MAC(sha256.New, keys("new"), message, sum("new")[:31]),
		"long sum":      carrierhttp.MAC(sha256.New, keys("new"), message, append(sum("new"), 0)),
		"another hash":  carrierhttp.MAC(sha1.New, keys("new"), message, sum("new")),
		"other message": carrierhttp.MAC(sha256.New, keys("new"), []byte("hello!"), sum("new")),
	} {
		require.False(t, ok, what)
	}
	for i := range 8 * sha256.Size {
		flipped := sum("new")
		flipped[i/8] ^= 1 << (i % 8)
		require.False(t, carrierhttp.MAC(sha256.New, keys("new"), message, flipped))
	}
}

func TestFresh(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	at := func(s int64) string { return strconv.FormatInt(1_800_000_000+s, 10) }
	for _, s := range []string{at(0), at(300), at(-300), at(7), "0" + at(0)} {
		require.True(t, carrierhttp.Fresh(s, now, 5*time.Minute), s)
	}
	for _, s := range []string{
		at(301), at(-301), "", "0", "1", "+" + at(0), "-" + at(0), " " + at(0), at(0) + " ", at(0) + "\n", at(0) + "abc", at(0) + ".0", "1.8e9",
		"0x6B49D200", at(0) + "000", "9223372036854775807", "9223372036854775808", "99999999999999999999999999", strings.Repeat("9", 1000), "１８００００００００", "1_800_000_000",
	} {
		require.False(t, carrierhttp.Fresh(s, now, 5*time.Minute), "%q", s)
	}
	require.False(t, carrierhttp.Fresh(at(-300), now.Add(time.Nanosecond), 5*time.Minute), "to the nanosecond")
	require.False(t, carrierhttp.Fresh(at(0), now, -time.Second))
	require.True(t, carrierhttp.Fresh(at(0), now, 0))
}

func FuzzBase64(f *testing.F) {
	for _, s := range []string{"YQ==", "YR==", "YW\nJj", "", "===="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b, ok := carrierhttp.Base64(s)
		if ok && base64.StdEncoding.EncodeToString(b) != s {
			t.Fatalf("%q is not the one way to write %x", s, b)
		}
		if !ok && b != nil {
			t.Fatal("bytes without ok")
		}
		again, ok := carrierhttp.Base64(base64.StdEncoding.EncodeToString([]byte(s)))
		if !ok || !bytes.Equal(again, []byte(s)) {
			t.Fatalf("%q does not come back", s)
		}
	})
}

func FuzzFresh(f *testing.F) {
	for _, s := range []string{"1800000000", "-1", "1699999999abc", "99999999999999999999", " 1"} {
		f.Add(s, int64(1_800_000_000))
	}
	f.Fuzz(func(t *testing.T, s string, now int64) {
		const tolerance = 5 * time.Minute
		now %= 1 << 37
		if !carrierhttp.Fresh(s, time.Unix(now, 0), tolerance) {
			return
		}
		at, err := strconv.ParseInt(s, 10, 64)
		if err != nil || s[0] == '+' || s[0] == '-' || at-now > 300 || now-at > 300 {
			t.Fatalf("%q is taken for fresh at %d", s, now)
		}
	})
}
