package twilio

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

func TestNewNamesWhatIsMissing(t *testing.T) {
	good := Config{Account: acc, Token: secret.New("t")}
	for word, spoil := range map[string]func(*Config){
		"Account is missing": func(c *Config) { c.Account = "" },
		"Account is not":     func(c *Config) { c.Account = "AC1" },
		"Token is missing":   func(c *Config) { c.Token = secret.String{} },
		"KeySID":             func(c *Config) { c.KeySID = "x" },
		"Callback":           func(c *Config) { c.Callback = "http://x.example" },
		"Horizon":            func(c *Config) { c.Horizon = -1 },
		"WebhookKeys":        func(c *Config) { c.WebhookKeys = []secret.String{{}} },
		"carrier ID":         func(c *Config) { c.ID = "No Good" },
		"https://host":       func(c *Config) { c.Hosts.Pricing = "ftp://x" },
		"Rates":              func(c *Config) { c.Rates = map[provider.Class]provider.Limit{provider.ClassRead: {}} },
	} {
		c := good
		spoil(&c)
		_, err := New(c)
		require.ErrorContains(t, err, word)
	}
	c, err := New(good)
	require.NoError(t, err)
	require.Equal(t, provider.ID("twilio"), c.ID())
	require.NoError(t, c.Close())
	_, err = provider.NewSet(c)
	require.NoError(t, err)
}

// An API key makes requests in the account's name.
func TestAPIKey(t *testing.T) {
	const key = "SK00000000000000000000000000000001"
	user, pass := "", ""
	srv := httptest.NewServer(handler(func(u, p string) { user, pass = u, p }))
	defer srv.Close()
	c, err := New(Config{Account: acc, KeySID: key, Token: secret.New("hush"), Base: srv.URL})
	require.NoError(t, err)
	_, err = c.Capabilities().Owned.ListOwned(ctxOf(t), provider.Page{})
	require.NoError(t, err)
	require.Equal(t, key, user)
	require.Equal(t, "hush", pass)
}

// Everything that is not offered says why, and nothing that is offered contradicts.
func TestTraits(t *testing.T) {
	caps := dial(t).caps
	offered := map[provider.Capability]bool{}
	for _, c := range caps.Offered() {
		offered[c] = true
	}
	for _, c := range provider.AllCapabilities() {
		note, said := caps.Traits.Why[c]
		require.True(t, said, c)
		require.Equal(t, offered[c], note.Can, c)
		require.NotEmpty(t, note.Reason)
		require.True(t, note.Link == "" || strings.HasPrefix(note.Link, "https://www.twilio.com/docs/"), note.Link)
	}
	tr := caps.Traits
	require.Equal(t, 1, tr.OrderLines)
	require.Equal(t, provider.ByThing, tr.Keyed[provider.CapOrders])
	require.Equal(t, provider.BreakFirst, tr.Replace)
	require.True(t, tr.SignsLOA)
	require.False(t, tr.PortSplits)
	require.False(t, tr.NameTollFree)
	require.Equal(t, defaultRates, dial(t, func(c *Config) { c.Rates = nil }).caps.Traits.Rates)
	tr.Why[provider.CapSearch] = provider.Note{}
	tr.Usual[provider.CapPorts] = time.Nanosecond
	require.NotEmpty(t, dial(t).caps.Traits.Why[provider.CapSearch].Reason, "what a caller changes is his own")
}

func TestSID(t *testing.T) {
	require.True(t, sid("PN", pn1))
	for _, s := range []string{"", "PN", pn1[:33], pn1 + "0", "AC" + pn1[2:], "PN0000000000000000000000000000000g", "PN" + strings.Repeat("é", 16)} {
		require.False(t, sid("PN", s), s)
	}
}
