package bandwidth

import (
	"context"
	"encoding/xml"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// ListPortComments lists the notes of an order, in one page.
func (c *Carrier) ListPortComments(ctx context.Context, ref provider.Ref, _ provider.Page) (provider.Result[provider.PortComment], error) {
	var out provider.Result[provider.PortComment]
	if ref == "" {
		return out, c.invalid(provider.OpListPortComments, field("reference", "length", "is empty"))
	}
	r, err := c.get(ctx, provider.OpListPortComments, c.account("portins", string(ref), "notes"), nil)
	if err != nil {
		return out, err
	}
	for n := range r.doc.all("Note") {
		out.Items = append(out.Items, provider.PortComment{
			Ref: provider.Ref(n.str("Id")), Ours: c.cfg.NoteUser != "" && n.str("UserId") == c.cfg.NoteUser,
			Text: secret.New(n.str("Description")), At: instant(n.str("LastDateModifier")), Said: plainly(r.res),
		})
	}
	return out, nil
}

const noteMax = 500

type note struct {
	XMLName     xml.Name `xml:"Note"`
	UserID      string   `xml:"UserId"`
	Description string   `xml:"Description"`
}

// AddPortComment writes a note, which opens a ticket at the carrier's porting desk.
func (c *Carrier) AddPortComment(ctx context.Context, k provider.Key, ref provider.Ref, text secret.String) (provider.PortComment, error) {
	const op = provider.OpAddPortComment
	switch err := k.Validate(); {
	case err != nil:
		return provider.PortComment{}, c.invalid(op, err)
	case ref == "":
		return provider.PortComment{}, c.invalid(op, field("reference", "length", "is empty"))
	case text.IsZero() || len(text.Reveal()) > noteMax:
		return provider.PortComment{}, c.invalid(op, field("text", "length", "is empty or longer than 500 bytes"))
	case c.cfg.NoteUser == "":
		return provider.PortComment{}, c.fail(op, provider.Precondition, "a note needs the API user who writes it: Config.NoteUser is empty")
	}
	r, err := c.create(ctx, op, c.account("portins", string(ref), "notes"), note{UserID: c.cfg.NoteUser, Description: text.Reveal()})
	if err != nil {
		return provider.PortComment{}, err
	}
	return provider.PortComment{Ref: provider.Ref(created(r.res)), Ours: true, Text: text, At: r.res.At, Said: plainly(r.res)}, nil
}
