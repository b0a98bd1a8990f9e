package telnyx

import "github.com/numberdesk/numberdesk/provider"

// Every status word that the carrier documents. A word that is not here is the
// Unclear state, with the word beside it.

// orderWords are those of a number in an order, and of an order and its parts. The
// last two are in the guides and not in the specification.
var orderWords = map[string]provider.ItemState{
	"pending":   provider.ItemWaiting,
	"success":   provider.ItemLive,
	"failure":   provider.ItemRefused,
	"cancelled": provider.ItemRefused,
	"deleted":   provider.ItemRefused,
}

// requirementWords are those of the regulatory requirements of a number whose own
// status is pending: what it waits for.
var requirementWords = map[string]provider.ItemState{
	"":                              provider.ItemWaiting,
	"pending":                       provider.ItemWaiting,
	"approved":                      provider.ItemWaiting,
	"requirement-info-under-review": provider.ItemWaiting,
	"requirement-info-pending":      provider.ItemNeedsInfo,
	"requirement-info-exception":    provider.ItemNeedsInfo,
	// It waits for something that was called off: whether it is refused the order has
	// to say.
	"cancelled": provider.ItemUnclear,
	"deleted":   provider.ItemUnclear,
}

// holdWords are those of a reservation and of a number in it.
var holdWords = map[string]holdState{
	"pending":         holdWaiting,
	"success":         holdStands,
	"partial_success": holdStands,
	"failure":         holdRefused,
	"failed":          holdRefused,
}

type holdState uint8

const (
	holdUnclear holdState = iota
	holdWaiting
	holdStands
	holdRefused
)

// ownedWords are those of a number of the account.
var ownedWords = map[string]provider.ItemState{
	"purchase-pending":              provider.ItemWaiting,
	"purchase-failed":               provider.ItemRefused,
	"port-pending":                  provider.ItemWaiting,
	"port_pending":                  provider.ItemWaiting, // as the short list spells it
	"port-failed":                   provider.ItemRefused,
	"active":                        provider.ItemLive,
	"deleted":                       provider.ItemGone,
	"emergency-only":                provider.ItemAssigned,
	"ported-out":                    provider.ItemGone,
	"port-out-pending":              provider.ItemLive,
	"requirement-info-pending":      provider.ItemNeedsInfo,
	"requirement-info-under-review": provider.ItemWaiting,
	"requirement-info-exception":    provider.ItemNeedsInfo,
	"provision-pending":             provider.ItemWaiting,
}

// jobWords are those of a job: whether it has ended.
var jobWords = map[string]bool{"pending": false, "in_progress": false, "completed": true, "failed": true, "expired": true}

// emergencyWords are those of the emergency service of a number.
var emergencyWords = map[string]provider.RegState{
	"disabled":            provider.RegNone,
	"active":              provider.RegActive,
	"provisioning":        provider.RegWaiting,
	"deprovisioning":      provider.RegRemoving,
	"provisioning-failed": provider.RegFailed,
}

// endpointWords are those of dynamic endpoints and their addresses.
var endpointWords = map[string]provider.RegState{
	"pending":   provider.RegWaiting,
	"activated": provider.RegActive,
	"rejected":  provider.RegFailed,
}

// portWords are those of a port order. in-process is the carrier's own check;
// submitted says that the losing carrier was asked, not that it has answered.
var portWords = map[string]provider.PortState{
	"draft":              provider.PortDraft,
	"in-process":         provider.PortChecking,
	"submitted":          provider.PortSubmitted,
	"exception":          provider.PortRejected,
	"foc-date-confirmed": provider.PortFOC,
	"ported":             provider.PortDone,
	"cancelled":          provider.PortCancelled,
	"cancel-pending":     provider.PortCancelAsked,
}

// activationWords are those of one number of a port order that has a FOC; with any
// other word the number stands where its order stands.
var activationWords = map[string]provider.PortState{
	"New":                provider.PortFOC,
	"Pending":            provider.PortFOC,
	"Concurred":          provider.PortFOC,
	"Concurrence Sent":   provider.PortFOC,
	"Conflict":           provider.PortRejected,
	"Activate RDY":       provider.PortActivating,
	"Sending":            provider.PortActivating,
	"Active":             provider.PortDone,
	"Failed":             provider.PortFailed,
	"Cancel Pending":     provider.PortCancelAsked,
	"Cancelled":          provider.PortCancelled,
	"Disconnect Pending": provider.PortUnclear,
	"Old":                provider.PortUnclear,
}

// rejections maps the carrier's exception codes to the project's. "" is a documented
// code that has no single one: a special feature can be any of several. A code that is
// not here stays as the carrier wrote it.
var rejections = map[string]string{
	"ACCOUNT_NUMBER_MISMATCH":          "account_number_invalid",
	"AUTH_PERSON_MISMATCH":             "authorized_signer_mismatch",
	"BTN_ATN_MISMATCH":                 "btn_invalid",
	"ENTITY_NAME_MISMATCH":             "name_mismatch",
	"FOC_EXPIRED":                      "foc_expired",
	"FOC_REJECTED":                     "due_date_unavailable",
	"LOCATION_MISMATCH":                "address_mismatch",
	"LSR_PENDING":                      "pending_order",
	"MAIN_BTN_PORTING":                 "btn_porting_needs_new_btn",
	"OSP_IRRESPONSIVE":                 "losing_carrier_unresponsive",
	"OTHER":                            "unknown",
	"PASSCODE_PIN_INVALID":             "pin_invalid",
	"PHONE_NUMBER_HAS_SPECIAL_FEATURE": "",
	"PHONE_NUMBER_MISMATCH":            "number_not_on_account",
	"PHONE_NUMBER_NOT_PORTABLE":        "number_not_portable",
	"PORT_TYPE_INCORRECT":              "migration_indicator_wrong",
	"PORTING_ORDER_SPLIT_REQUIRED":     "order_split_required",
	"POSTAL_CODE_MISMATCH":             "zip_mismatch",
	"RATE_CENTER_NOT_PORTABLE":         "rate_center_unsupported",
	"SV_CONFLICT":                      "sv_conflict",
	"SV_UNKNOWN_FAILURE":               "sv_failure",
}

// lineWords are the types of line of a look-up.
var lineWords = map[string]provider.LineType{
	"fixed line": provider.LineLandline,
	"landline":   provider.LineLandline,
	"mobile":     provider.LineWireless,
	"wireless":   provider.LineWireless,
	"voip":       provider.LineVoIP,
	"toll free":  provider.LineTollFree,
	"pager":      provider.LinePaging,
}
