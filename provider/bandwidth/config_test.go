package bandwidth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/bandwidth"
	"github.com/numberdesk/numberdesk/provider/bandwidth/bandwidthtest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/secret"
)

// What is missing or wrong is named, and nothing is sent to find out.
func TestConfigNamesWhatIsWrong(t *testing.T) {
	for want, spoil := range map[string]func(*bandwidth.Config){
		"Config.Account is missing":      func(c *bandwidth.Config) { c.Account = "" },
		"Config.Site is missing":         func(c *bandwidth.Config) { c.Site = "" },
		"Config.ClientID is missing":     func(c *bandwidth.Config) { c.ClientID = "" },
		"Config.ClientSecret is missing": func(c *bandwidth.Config) { c.ClientSecret = secret.String{} },
		"Config.Password is missing":     func(c *bandwidth.Config) { c.ClientID, c.User = "", "user" },
		"Config.HookUser is missing":     func(c *bandwidth.Config) { c.HookUser = "" },
		"Config.HookPassword is missing": func(c *bandwidth.Config) { c.HookPassword = secret.String{} },
		"Config.Account is not a number": func(c *bandwidth.Config) { c.Account = "99/../1" },
		"Config.Site is not a number":    func(c *bandwidth.Config) { c.Site = "x" },
		"Config.Peer is not a number":    func(c *bandwidth.Config) { c.Peer = "x" },
		"Config.NameUse is neither":      func(c *bandwidth.Config) { c.NameUse = "PERSONAL" },
		"Config.Horizon is negative":     func(c *bandwidth.Config) { c.Horizon = -1 },
		"Config.WebhookKeys holds an":    func(c *bandwidth.Config) { c.WebhookKeys = append(c.WebhookKeys, secret.String{}) },
		"Base is no URL":                 func(c *bandwidth.Config) { c.Base = "/api" },
		"no ID":                          func(c *bandwidth.Config) { c.ID = "No ID" },
		"http":                           func(c *bandwidth.Config) { c.Base = "ftp://example.com" },
	} {
		cfg := config(httpmock.NewMockTransport())
		spoil(&cfg)
		c, err := bandwidth.New(cfg)
		require.Error(t, err, want)
		require.Nil(t, c)
		require.NotContains(t, err.Error(), "canary")
		if want != "no ID" {
			require.ErrorContains(t, err, want)
		}
	}
}

func TestConfigDefaults(t *testing.T) {
	cfg := config(httpmock.NewMockTransport())
	cfg.Rates, cfg.Now, cfg.WebhookKeys, cfg.HookUser, cfg.HookPassword = nil, nil, nil, "", secret.String{}
	c, err := bandwidth.New(cfg)
	require.NoError(t, err)
	require.Equal(t, provider.ID("bandwidth"), c.ID())
	traits := c.Capabilities().Traits
	require.Equal(t, 15*time.Minute, traits.Horizon)
	require.Equal(t, bandwidth.DefaultRates(), traits.Rates)
	require.NoError(t, c.Close())
}

// Basic authentication works for as long as the carrier takes it.
func TestBasicAuth(t *testing.T) {
	engine, err := sandbox.New(bandwidthtest.Engine(sandbox.Config{}))
	require.NoError(t, err)
	defer engine.Close()
	fake := bandwidthtest.New(engine, bandwidthtest.Config{User: "user", Password: "canary-basic"})
	srv := httptest.NewServer(fake)
	defer srv.Close()
	for password, ok := range map[string]bool{"canary-basic": true, "canary-other": false} {
		cfg := config(http.DefaultTransport)
		cfg.ClientID, cfg.ClientSecret, cfg.User, cfg.Password = "", secret.String{}, "user", secret.New(password)
		cfg.Base, cfg.Now = srv.URL+bandwidthtest.Path, time.Now
		c, err := bandwidth.New(cfg)
		require.NoError(t, err)
		_, err = c.Search(ctx, provider.SearchRequest{State: "AR", Page: provider.Page{Limit: 1}})
		if ok {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, provider.Unauthorized)
		require.NotContains(t, err.Error(), "canary")
	}
}
