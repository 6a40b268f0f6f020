package protocol

// Methods of requests.
const (
	Initialize    = "initialize"      // until 2025-11-25
	Discover      = "server/discover" // from 2026-07-28
	Ping          = "ping"
	ListTools     = "tools/list"
	CallTool      = "tools/call"
	ListResources = "resources/list"
	ListTemplates = "resources/templates/list"
	ReadResource  = "resources/read"
	Subscribe     = "resources/subscribe"
	Unsubscribe   = "resources/unsubscribe"
	ListPrompts   = "prompts/list"
	GetPrompt     = "prompts/get"
	Complete      = "completion/complete"
	SetLevel      = "logging/setLevel"
	Listen        = "subscriptions/listen" // from 2026-07-28
	GetTask       = "tasks/get"
	ListTasks     = "tasks/list"
	TaskResult    = "tasks/result"
	UpdateTask    = "tasks/update"
	CancelTask    = "tasks/cancel"
	CreateMessage = "sampling/createMessage" // from server to client
	Elicit        = "elicitation/create"     // from server to client
	ListRoots     = "roots/list"             // from server to client
)

// Methods of notifications.
const (
	Initialized          = "notifications/initialized"
	Cancelled            = "notifications/cancelled"
	ProgressMade         = "notifications/progress"
	LogMessage           = "notifications/message"
	ToolsChanged         = "notifications/tools/list_changed"
	ResourcesChanged     = "notifications/resources/list_changed"
	ResourceUpdated      = "notifications/resources/updated"
	PromptsChanged       = "notifications/prompts/list_changed"
	RootsChanged         = "notifications/roots/list_changed"
	ElicitationCompleted = "notifications/elicitation/complete"
	TaskStatus           = "notifications/tasks/status"
	Acknowledged         = "notifications/subscriptions/acknowledged"
)

// Members of "_meta" that are between the two ends of one connection.
const (
	MetaPrefix             = "io.modelcontextprotocol/"
	MetaProtocolVersion    = MetaPrefix + "protocolVersion"
	MetaClientInfo         = MetaPrefix + "clientInfo"
	MetaClientCapabilities = MetaPrefix + "clientCapabilities"
	MetaLogLevel           = MetaPrefix + "logLevel"
	MetaSubscription       = MetaPrefix + "subscriptionId"
	MetaProgressToken      = "progressToken"
)

// Headers of streamable HTTP.
const (
	HeaderVersion   = "MCP-Protocol-Version"
	HeaderSession   = "Mcp-Session-Id"
	HeaderMethod    = "Mcp-Method"
	HeaderName      = "Mcp-Name"
	HeaderParam     = "Mcp-Param-"
	HeaderLastEvent = "Last-Event-ID"
)

// Codes of errors: JSON-RPC 2.0, section 5.1, and those of MCP.
const (
	CodeParse              = -32700
	CodeInvalidRequest     = -32600
	CodeMethodNotFound     = -32601
	CodeInvalidParams      = -32602
	CodeInternal           = -32603
	CodeResourceNotFound   = -32002 // until 2025-11-25; CodeInvalidParams since
	CodeHeaderMismatch     = -32020
	CodeMissingCapability  = -32021
	CodeUnsupportedVersion = -32022
	CodeURLElicitation     = -32042 // 2025-11-25: the user must visit a URL first
)
