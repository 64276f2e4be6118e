/// One kind of mistake: its stable id, its code of the taxonomy, what it means and the next step.
///
/// docs/errors.md is generated from `ErrorKind.all`; an id never changes its meaning.
public struct ErrorKind: Sendable, Equatable {
    public let id: String
    public let code: SluiceError.Code
    public let meaning: String
    public let hint: String

    init(_ id: String, _ code: SluiceError.Code, _ meaning: String, _ hint: String) {
        self.id = id
        self.code = code
        self.meaning = meaning
        self.hint = hint
    }
}

extension ErrorKind {
    // Usage and contracts
    public static let usage = ErrorKind(
        "usage", .deterministicFailure, "The command line does not parse.",
        "Run `sluice help` or `sluice help COMMAND`.")
    public static let contractInvalid = ErrorKind(
        "contract.invalid", .deterministicFailure,
        "The Run Contract breaks a rule; every mistake is listed by JSON pointer.",
        "Mend the places named and run `sluice policy check CONTRACT.json`.")
    public static let contractPassword = ErrorKind(
        "contract.password", .policyBlock, "A location carries a password.",
        "Take it out and name it with secret_ref: env:NAME, file:PATH or store:NAME.")
    public static let jsonInvalid = ErrorKind(
        "json.invalid", .deterministicFailure, "A JSON document does not parse.",
        "Mend the document at the byte offset named.")
    public static let locationInvalid = ErrorKind(
        "location.invalid", .deterministicFailure, "A source or target URI is not understood.",
        "Use csv:PATH, sqlite:PATH#TABLE, or the scheme of a connector that is installed.")
    public static let maskLine = ErrorKind(
        "mask.line", .deterministicFailure, "A line that is to be masked is no document with an id and a text.",
        "Mend the line that is named; the lines in front of it were masked and written.")
    public static let evalData = ErrorKind(
        "eval.data", .deterministicFailure,
        "Evaluation data cannot be read, or has no form that `sluice eval` knows.",
        "docs/evaluation.md shows the forms; mend what is named, or name another file with --data.")
    public static let sdkMissing = ErrorKind(
        "sdk.missing", .deterministicFailure, "The SDK for plugin authors is missing or not whole.",
        "Run `make stage` or `make install-sdk`, or point SLUICE_SDK to share/sluice/sdk of an installation.")
    public static let registryInvalid = ErrorKind(
        "registry.invalid", .deterministicFailure, "A file of the registry is missing or malformed.",
        "Run `make stage` again, or point SLUICE_REGISTRY to a whole registry.")

    // Sources
    public static let sourceMissing = ErrorKind(
        "source.missing", .deterministicFailure, "The source does not exist or cannot be opened.",
        "Check the path and its permissions.")
    public static let sourceEmpty = ErrorKind(
        "source.empty", .deterministicFailure, "The source holds nothing.",
        "Check the export that made the file; it has 0 bytes or only white space.")
    public static let sourceNoRows = ErrorKind(
        "source.no_rows", .deterministicFailure, "The source has a header and no rows.",
        "Use --mode metadata_only to plan without rows, or supply a file with rows.")
    public static let sourceBinary = ErrorKind(
        "source.binary", .deterministicFailure, "The source is not text in an encoding that is known.",
        "Name the right connector (for example sqlite:PATH#TABLE), or export the data as CSV.")
    public static let sourceDuplicateColumn = ErrorKind(
        "source.duplicate_column", .deterministicFailure, "Two columns of the source have one name.",
        "Rename one of them in the header.")
    public static let sourceTable = ErrorKind(
        "source.table", .deterministicFailure, "The source has no such table, or has several and none was named.",
        "Name one: sqlite:PATH#TABLE.")
    public static let sourceChanged = ErrorKind(
        "source.changed", .deterministicFailure, "The source changed while or after the run read it.",
        "Start a new run over the source as it is now.")
    public static let sourceUnreadable = ErrorKind(
        "source.unreadable", .deterministicFailure, "The connector cannot read the source.",
        "Check the file with the program that made it.")
    public static let sourceWAL = ErrorKind(
        "source.sqlite_wal", .deterministicFailure, "The SQLite source has changes in its -wal file.",
        "Close the program that writes it, or run PRAGMA wal_checkpoint(TRUNCATE).")

    // Targets
    public static let targetMissing = ErrorKind(
        "target.missing", .deterministicFailure, "The target database or table does not exist.",
        "Create it first, for example: sqlite3 target.db < schema.sql.")
    public static let targetShape = ErrorKind(
        "target.shape", .deterministicFailure, "The target table cannot take what the source offers.",
        "Compare the columns with `sluice show RUN`, or name another table.")
    public static let targetBusy = ErrorKind(
        "target.busy", .transientError, "Another program holds the target database.",
        "Close it and run `sluice resume RUN`.")
    public static let targetWrite = ErrorKind(
        "target.write", .deterministicFailure, "The target refused the rows.",
        "Check space and permissions, then run `sluice resume RUN`.")

    // Plugins
    public static let pluginMissing = ErrorKind(
        "plugin.missing", .deterministicFailure, "No such plugin is installed.", "See `sluice plugin list`.")
    public static let pluginScheme = ErrorKind(
        "plugin.scheme", .deterministicFailure, "Two plugins read sources of one scheme.",
        "Remove one of them; `sluice plugin list` shows both.")
    public static let pluginManifest = ErrorKind(
        "plugin.manifest", .deterministicFailure, "A plugin's manifest is malformed.",
        "Mend it at the pointer named, or install the plugin again.")
    public static let pluginHash = ErrorKind(
        "plugin.hash", .policyBlock, "A plugin's file is not the one that its manifest pins.",
        "Install the plugin again; if you did not change it, find out who did.")
    public static let pluginLoad = ErrorKind(
        "plugin.load", .deterministicFailure,
        "A plugin does not load, or does not describe itself as its manifest says.",
        "Ask its author; the message says why, unless the plugin is a connector, whose words are withheld.")
    public static let pluginCrashed = ErrorKind(
        "plugin.crashed", .deterministicFailure, "A plugin's process died during a call.",
        "Try `sluice resume RUN`; if it dies again, disable the plugin and tell its author.")
    public static let pluginTimeout = ErrorKind(
        "plugin.timeout", .timeout, "A plugin did not answer before its deadline and was stopped.",
        "Try `sluice resume RUN`, or raise limits.wall_s in its manifest.")
    public static let pluginProtocol = ErrorKind(
        "plugin.protocol", .deterministicFailure, "A plugin's process broke the protocol and was stopped.",
        "Disable the plugin and tell its author.")
    public static let pluginFailed = ErrorKind(
        "plugin.failed", .deterministicFailure, "A plugin reported a failure.", "Read its message.")
    public static let pluginVerdict = ErrorKind(
        "plugin.verdict", .deterministicFailure, "A check returned something else than a bounded verdict.",
        "Disable the check and tell its author.")
    public static let pluginQuarantined = ErrorKind(
        "plugin.quarantined", .policyBlock,
        "A plugin crashed, hung or broke the protocol too often within a day and is not started any more.",
        "Tell its author and install a mended one, or let it try again with `sluice plugin retry ID`.")
    public static let pluginPlatform = ErrorKind(
        "plugin.platform", .deterministicFailure, "A plugin's manifest has no file for this platform.",
        "Install a build of the plugin for this platform.")
    public static let pluginABI = ErrorKind(
        "plugin.abi", .deterministicFailure, "A plugin was made for another version of the plugin ABI.",
        "Use the version of Sluice that the plugin was made for, or a build of it for this one.")
    public static let pluginLibraryFile = ErrorKind(
        "plugin.library_file", .deterministicFailure, "What should be a plugin's shared library is none.",
        "Pack the plugin again, with the library that its build made.")
    public static let pluginLink = ErrorKind(
        "plugin.link", .policyBlock, "A file of a plugin is a link, or no regular file.",
        "Put the file itself there; if you did not put the link there, find out who did.")
    public static let pluginUnsigned = ErrorKind(
        "plugin.unsigned", .policyBlock, "A plugin's manifest has no signature.",
        "Get ID.json.sig from its publisher; for a plugin of your own: `sluice plugin sign ID.json --key FILE`.")
    public static let pluginSignature = ErrorKind(
        "plugin.signature", .policyBlock, "The signature of a plugin's manifest does not hold.",
        "Get manifest and signature anew from the publisher; do not install this one.")
    public static let pluginKeyUnknown = ErrorKind(
        "plugin.key_unknown", .policyBlock, "A plugin is signed by a key that nobody has said to trust.",
        "Compare the key with what its publisher says elsewhere, then `sluice plugin trust KEY --publisher NAME`.")
    public static let pluginKeyRevoked = ErrorKind(
        "plugin.key_revoked", .policyBlock, "A plugin is signed by a key that was revoked.",
        "Get a build of the plugin that is signed by another key of its publisher.")
    public static let pluginPublisher = ErrorKind(
        "plugin.publisher", .policyBlock, "A plugin is signed by a key of another publisher than it names.",
        "Do not install it; ask the publisher that the manifest names.")
    public static let pluginDuplicate = ErrorKind(
        "plugin.duplicate_id", .policyBlock, "Two plugins have one id.",
        "Remove one of them, or have its publisher give it an id of its own.")
    public static let pluginShipped = ErrorKind(
        "plugin.shipped", .deterministicFailure, "A plugin that ships with Sluice is not changed in a home.",
        "Install another build of it over it, or leave it as it is.")
    public static let pluginDisabled = ErrorKind(
        "plugin.disabled", .policyBlock, "A plugin was disabled in this home.",
        "Enable it with `sluice plugin enable ID`.")
    public static let pluginDowngrade = ErrorKind(
        "plugin.downgrade", .policyBlock, "A plugin of a later version is installed.",
        "Install a later one, or allow it with --allow-downgrade.")
    public static let pluginLock = ErrorKind(
        "plugin.lock", .policyBlock, "The lock file of a home's plugins is malformed; no plugin is used.",
        "Restore plugins/lock.json from a backup of the home, or move it away and install the plugins again.")
    public static let pluginKeys = ErrorKind(
        "plugin.keys", .policyBlock, "A list of trusted keys is malformed; no signature counts.",
        "Mend the file at the pointer named, or restore it from a release or a backup.")
    public static let pluginPinned = ErrorKind(
        "plugin.pinned", .policyBlock,
        "A shared library that a plugin is loaded with is not the one that it was installed with.",
        "If the library was upgraded on purpose, install the plugin again: `sluice plugin install ID`.")
    public static let pluginBusy = ErrorKind(
        "plugin.busy", .transientError, "Another process changes the plugins of this home.",
        "Wait for it to end, then try again.")
    public static let keyFile = ErrorKind(
        "key.file", .deterministicFailure, "A key file is missing, malformed, or open to others.",
        "Close it with `chmod 600`, or make a new key with `sluice plugin keygen --out FILE`.")
    public static let pluginConformance = ErrorKind(
        "plugin.conformance", .deterministicFailure, "A plugin breaks rules that the conformance suite checks.",
        "Tell its author; `sluice plugin conformance ID --check CHECK --seed N` makes one check again.")
    public static let pluginQuirks = ErrorKind(
        "plugin.quirks", .deterministicFailure,
        "What a plugin declares about itself for the conformance suite is malformed.",
        "Mend conformance/ID.json beside its manifest at the pointer named; docs/conformance.md has the rules.")
    public static let isolation = ErrorKind(
        "plugin.isolation", .policyBlock,
        "A sandbox layer that the Policy Manifest demands is missing on this machine.",
        "Enable the layer named, or lower isolation.minimum in the Policy Manifest.")
    public static let pluginLibrary = ErrorKind(
        "plugin.library", .deterministicFailure,
        "A shared library that a plugin needs is missing, unfit, or not what it was.",
        "Install the library that is named, in the version that the plugin was built with.")
    public static let runnerMissing = ErrorKind(
        "runner.missing", .deterministicFailure, "The program sluice-runner cannot be started.",
        "Install it beside sluice (libexec/sluice-runner) or set SLUICE_RUNNER.")

    // Egress
    public static let egressCall = ErrorKind(
        "egress.call", .policyBlock, "A plugin asked for a request outside of a call that has a way out, or too often.",
        "Tell its author: a provider may reach its endpoints during these calls alone.")
    public static let egressRequest = ErrorKind(
        "egress.request", .policyBlock, "A plugin's request is malformed or sets a header that is the host's.",
        "Tell the plugin's author; docs/egress.md has the rules.")
    public static let egressEndpoint = ErrorKind(
        "egress.endpoint", .policyBlock, "The plugin's manifest names no such endpoint, method or path.",
        "Compare with `sluice plugin show ID`; a plugin that needs more must say so in its manifest.")
    public static let egressPolicy = ErrorKind(
        "egress.policy", .policyBlock, "The Policy Manifest does not allow this destination.",
        "Have a Maintainer add the origin to egress.allow (and a private host to egress.local), if it is wanted.")
    public static let egressAddress = ErrorKind(
        "egress.address", .policyBlock, "The host has an address that is not a public one.",
        "If the host is meant to be local, the plugin's manifest and egress.local must both say so.")
    public static let egressRedirect = ErrorKind(
        "egress.redirect", .policyBlock, "The server redirects to where the plugin may not go, or too often.",
        "Name the place that it redirects to in manifest and policy, if it is trusted.")
    public static let egressTLS = ErrorKind(
        "egress.tls", .providerUnhealthy, "The server's certificate or its version of TLS was refused.",
        "Check the server's name, certificate and clock; an authority of your own goes into egress.ca_file.")
    public static let egressSize = ErrorKind(
        "egress.size", .policyBlock, "A plugin's request is larger than its endpoint takes.",
        "Ask for less, or raise max_bytes of the endpoint in the plugin's manifest.")
    public static let egressSecret = ErrorKind(
        "egress.secret", .providerUnhealthy, "A secret that an endpoint needs cannot be used.",
        "Set the variable or the file that the message names, or mend egress.secrets of the Policy Manifest.")
    public static let egressTimeout = ErrorKind(
        "egress.timeout", .timeout, "A server did not answer in time, or too slowly.",
        "Try again later; a call's time is bounded by limits.wall_s of the plugin's manifest.")
    public static let egressUnreachable = ErrorKind(
        "egress.unreachable", .providerUnhealthy, "A server cannot be reached, or does not speak HTTP.",
        "Check the network and the server, then try again.")
    public static let egressReset = ErrorKind(
        "egress.reset", .transientError, "A connection broke off before the answer was whole.",
        "Try again; the server, or something on the way to it, ended the connection.")
    public static let egressAnswer = ErrorKind(
        "egress.answer", .quarantineRequired,
        "A server's answer is larger than its endpoint allows, or cannot be decoded.",
        "Nothing of it was used. Ask for less, or tell the author of the plugin that its max_bytes are too few.")
    public static let egressLibrary = ErrorKind(
        "egress.library", .deterministicFailure, "The library for outgoing requests cannot be used.",
        "Install libcurl (Debian: libcurl4).")

    // Relays to a database
    public static let relayDenied = ErrorKind(
        "relay.denied", .policyBlock, "A plugin was to be handed a database that its manifest does not ask for.",
        "Use a connector whose manifest has `relay` with the database's protocol.")
    public static let relayAddress = ErrorKind(
        "relay.address", .policyBlock, "A database's host has no address at which a database can be.",
        "Name the server by a public, private or loopback address, or by a name that has one.")
    public static let relayMissing = ErrorKind(
        "relay.missing", .deterministicFailure, "A connector reads a database, and none was named.",
        "Name one, as postgres://USER@HOST:PORT/DATABASE#SCHEMA.TABLE.")
    public static let relayTimeout = ErrorKind(
        "relay.timeout", .timeout, "A database server did not take a connection in time.",
        "Check host, port and firewall, then try again.")
    public static let relayUnreachable = ErrorKind(
        "relay.unreachable", .transientError, "A database server cannot be reached.",
        "Check that it runs and listens at that host and port, then try again.")

    // Policy
    public static let policyDenied = ErrorKind(
        "policy.denied", .policyBlock, "The role may not do this.", "Ask somebody whose role allows it (ROADMAP §32).")
    public static let policyRole = ErrorKind(
        "policy.role", .policyBlock, "The contract claims a role that the caller does not have.",
        "Put your own role into rbac_actor, or have the manifest's users changed by a Maintainer.")
    public static let policyMode = ErrorKind(
        "policy.mode", .policyBlock, "The mode of the run does not allow this (ROADMAP §3).",
        "Start a new run with a contract in the mode that does.")
    public static let policyMasking = ErrorKind(
        "policy.masking", .policyBlock, "The contract asks to send unmasked data.",
        "Set pii_policy.mask_before_send to true.")
    public static let policyManifest = ErrorKind(
        "policy.manifest", .policyBlock,
        "The Policy Manifest is missing, malformed, or grants more than ROADMAP §§3 and 32; it is refused whole.",
        "Mend what the message names (docs/policy.md), or restore registry/policies from a release.")
    public static let policyExpectation = ErrorKind(
        "policy.expectation", .deterministicFailure, "A line of a file of expectations is none.",
        "Mend the lines that are named; docs/policy.md has their form.")
    public static let policyBudget = ErrorKind(
        "policy.budget", .policyBlock, "A step would spend more than policy or contract allow.",
        "Ask for less, or have the caps raised: budget_caps and sample_caps of the contract and the Policy Manifest.")
    public static let policyJurisdiction = ErrorKind(
        "policy.jurisdiction", .policyBlock, "Data of this class may not be sent to a server in that region.",
        "Use a local provider, or one whose origin lies in a region that the jurisdiction names (docs/policy.md).")

    public static let policyUntracked = ErrorKind(
        "policy.untracked", .policyBlock,
        "The home's policy file is not the version that its ledger has; nothing runs under it.",
        "Take it over with `sluice policy edit FILE`, or bring the version in force back with `sluice policy revert VERSION`."
    )
    public static let policyVersion = ErrorKind(
        "policy.version", .policyBlock,
        "A version of the policy cannot be recorded: its number is not higher, or there is no such version.",
        "See `sluice policy history`; every change has a policy_version above the one in force.")

    // Gates
    public static let gateEvidence = ErrorKind(
        "gate.evidence", .policyBlock,
        "What the home says of a run is not what its ledger proves; no stage is entered, and nothing was changed.",
        "Compare `sluice show RUN` with `sluice ledger RUN`; keep the home as evidence and restore a backup elsewhere.")
    public static let gateSeen = ErrorKind(
        "gate.seen", .policyBlock,
        "The token of a decision is not that of what the run waits with now: something else was looked at.",
        "Look again with `sluice show RUN`, and decide with the token that it shows.")

    // Runs
    public static let runMissing = ErrorKind(
        "run.missing", .deterministicFailure, "There is no such run.", "See `sluice runs`.")
    public static let runState = ErrorKind(
        "run.state", .deterministicFailure, "The run is not in a state that allows this.", "See `sluice show RUN`.")
    public static let runMode = ErrorKind(
        "run.mode_immutable", .policyBlock, "A run's contract cannot be changed once it has started (ROADMAP §3).",
        "Start a new run with the new contract.")
    public static let runPlugin = ErrorKind(
        "run.plugin", .deterministicFailure,
        "A plugin that the run is pinned to since it was made is missing, cannot be used, or is another one now.",
        "Install the version that is named again, then run `sluice resume RUN`; or start a new run.")
    public static let runStopped = ErrorKind(
        "run.stopped", .deterministicFailure, "The run was stopped.", "Continue it with `sluice resume RUN`.")
    public static let budget = ErrorKind(
        "run.budget", .quotaExhausted, "A budget of the contract is spent.",
        "Raise budget_caps in a new contract.")
    public static let stageInput = ErrorKind(
        "stage.input", .deterministicFailure, "A stage found something that it cannot work with.", "Read the message.")
    public static let errorBudget = ErrorKind(
        "migration.error_budget", .quarantineRequired, "More rows went to quarantine than the error budget allows.",
        "Look at `sluice show RUN`, mend the mapping or the source, and start a new run.")
    public static let validation = ErrorKind(
        "migration.validation", .quarantineRequired, "A validation of the migrated rows failed; nothing was promoted.",
        "Look at `sluice show RUN`; the staging table was left as it is.")
    public static let quarantineLost = ErrorKind(
        "migration.quarantine_lost", .deterministicFailure,
        "The target was promoted, and the home has not the rows in quarantine that were left out of it.",
        "Restore the newest backup of the home, then run `sluice resume RUN`; the target was left as it is.")
    public static let chunksLost = ErrorKind(
        "migration.chunks_lost", .deterministicFailure,
        "The target was promoted, and its record of the chunks does not show that the whole source was.",
        "Compare the table with the source: a chunk's rows are not in it, or its row in _sluice_checkpoints was deleted. "
            + "Restore the target from a backup, then run `sluice resume RUN`.")
    public static let dslRejected = ErrorKind(
        "dsl.rejected", .dslReject, "A plan uses something outside the Transform DSL.",
        "Use the ops and arguments of docs/dsl.md; the message names the place.")

    public static let dslUnsupported = ErrorKind(
        "dsl.unsupported", .dslReject, "An engine cannot run a program of the Transform DSL exactly.",
        "Run it with `sluice dsl run`, which takes every program; `sluice dsl matrix` lists what engines can do.")
    public static let dslEngine = ErrorKind(
        "dsl.engine", .deterministicFailure, "An engine that a program was compiled for failed.",
        "Its words stand in the message. Look whether the engine's packages are of the versions in scripts/requirements-engines.txt."
    )
    public static let dslInput = ErrorKind(
        "dsl.input", .deterministicFailure, "Rows are not what a program of the Transform DSL reads.",
        "Compare the columns that `sluice dsl check PLAN` lists with the rows.")

    // Providers of models (docs/providers.md): one kind for each code, whoever the provider is
    public static let providerPolicy = ErrorKind(
        "provider.policy", .policyBlock,
        "A provider's filter held the request or the answer back, or the model refused.",
        "Look at what was asked; another wording or another model may be answered.")
    public static let providerReject = ErrorKind(
        "provider.reject", .dslReject, "A model's answer does not have the form that was asked for.",
        "The answer was not used. Another model may keep to the schema; `sluice show RUN --json` names this one.")
    public static let providerUnhealthy = ErrorKind(
        "provider.unhealthy", .providerUnhealthy,
        "A provider cannot be used now: no connection, no valid credential, no such model, or too many failures.",
        "Mend what the message names, or allow another provider in the Policy Manifest.")
    public static let providerRateLimit = ErrorKind(
        "provider.rate_limit", .rateLimit, "A provider takes fewer requests than were sent.",
        "Try again later, or allow another provider in the Policy Manifest.")
    public static let providerTimeout = ErrorKind(
        "provider.timeout", .timeout, "A provider did not answer within the lane's deadline.",
        "Try again, choose another lane, or allow another provider.")
    public static let providerQuota = ErrorKind(
        "provider.quota", .quotaExhausted, "The account at a provider has no credit or quota left.",
        "Raise it at the provider, or allow another provider in the Policy Manifest.")
    public static let providerTransient = ErrorKind(
        "provider.transient", .transientError, "A provider failed in a way that may pass.",
        "Try again, or allow another provider in the Policy Manifest.")
    public static let providerRequest = ErrorKind(
        "provider.request", .deterministicFailure, "A provider refuses the request as it is.",
        "It would refuse it again. Ask for less, or use a model that takes it.")
    public static let providerAnswer = ErrorKind(
        "provider.answer", .quarantineRequired, "A provider's answer cannot be read, or is not one to what was asked.",
        "It was not used. Tell the author of the plugin, or whoever runs the server.")
    public static let inferenceNone = ErrorKind(
        "inference.none", .providerUnhealthy, "No provider with a fitting model may be asked.",
        "`sluice cost CONTRACT` says why each is left out.")
    public static let inferenceModel = ErrorKind(
        "inference.model", .deterministicFailure, "The model registry has no such model.",
        "Use one of the names that the message suggests, or describe the model in HOME/models/ (docs/providers.md).")
    public static let inferenceBudget = ErrorKind(
        "inference.budget", .quotaExhausted, "A question to a model would cost more than the run has left.",
        "Raise budget_caps in a new contract; `sluice cost CONTRACT` tells what it would need.")
    public static let inferenceTemplate = ErrorKind(
        "inference.template", .deterministicFailure, "A prompt template is missing or malformed.",
        "Run `make stage` again, or mend the template that is named (docs/inference.md).")
    public static let modelRegistry = ErrorKind(
        "inference.registry", .deterministicFailure, "A file of the model registry is malformed.",
        "Mend the places that are named; registry/schemas/model-registry.schema.json has the form.")
    // Answers of providers
    public static let promptPlaceholderLost = ErrorKind(
        "prompt.placeholder_lost", .quarantineRequired,
        "A provider's answer lacks a placeholder that stands for a value of the prompt; the value cannot be put back.",
        "Ask again, or another provider; the answer was not used.")
    public static let promptPlaceholderInvented = ErrorKind(
        "prompt.placeholder_invented", .quarantineRequired,
        "A provider's answer holds a placeholder that no prompt had, or an altered one.",
        "Ask again, or another provider; the answer was not used.")

    // Store
    public static let artifactMissing = ErrorKind(
        "artifact.missing", .deterministicFailure, "There is no such artifact in this home.",
        "See `sluice artifacts RUN`.")
    public static let artifactCorrupt = ErrorKind(
        "artifact.corrupt", .deterministicFailure, "An artifact's bytes do not have the hash that names them.",
        "Restore the file from a backup of the home, then run `sluice resume RUN`; it was left as it is.")
    public static let artifactReuse = ErrorKind(
        "artifact.reuse", .deterministicFailure, "An artifact of another run cannot be used in this one.",
        "Name another one, or leave --plan (mapping_plan) out to have a mapping proposed.")
    public static let artifactVersion = ErrorKind(
        "artifact.version", .policyBlock,
        "An artifact was made under other versions than the run that names it, and was not promoted (ROADMAP §27).",
        "Look at what changed, then run `sluice artifacts promote HASH --reason WHY`.")
    public static let artifactPromotion = ErrorKind(
        "artifact.promotion", .policyBlock,
        "The home's database holds a promotion that this home did not make, or not so; nothing may rest on it.",
        "Keep the home as evidence and restore a backup elsewhere; what is missing there can be promoted again.")
    public static let storeVersion = ErrorKind(
        "store.version", .deterministicFailure, "The home was written by a newer version of Sluice.",
        "Use that version, or another --home.")
    public static let storeFailed = ErrorKind(
        "store.failed", .transientError, "The home's database refused a read or a write.",
        "Check space and permissions of the home, then try again.")
    public static let storeDamaged = ErrorKind(
        "store.damaged", .deterministicFailure,
        "The home's database holds a value that this program cannot have written.",
        "Keep the home as it is and restore a backup elsewhere.")
    public static let storeLedger = ErrorKind(
        "store.ledger", .deterministicFailure,
        "The ledger of a run, or the database around it, is not as it was written.",
        "Keep the home as evidence and restore a backup elsewhere.")
    public static let fileFailed = ErrorKind(
        "file.failed", .deterministicFailure, "A file could not be read or written.",
        "Check space and permissions.")
    public static let interrupted = ErrorKind(
        "run.interrupted", .transientError, "The run was interrupted by a signal; what was done is kept.",
        "Continue it with `sluice resume RUN`.")

    /// Every kind, by id. docs/errors.md follows this order.
    public static let all: [ErrorKind] = [
        usage, contractInvalid, contractPassword, jsonInvalid, locationInvalid, registryInvalid, maskLine, evalData,
        sdkMissing, sourceMissing,
        sourceEmpty, sourceNoRows, sourceBinary, sourceDuplicateColumn, sourceTable, sourceChanged, sourceUnreadable,
        sourceWAL, targetMissing, targetShape, targetBusy, targetWrite, pluginMissing, pluginScheme, pluginManifest,
        pluginHash,
        pluginLoad, pluginCrashed, pluginTimeout, pluginProtocol, pluginFailed, pluginVerdict, pluginQuarantined,
        pluginPlatform, pluginABI, pluginLibraryFile, pluginLink, pluginUnsigned, pluginSignature, pluginKeyUnknown,
        pluginKeyRevoked, pluginPublisher, pluginDuplicate, pluginShipped, pluginDisabled, pluginDowngrade,
        pluginConformance, pluginLock, pluginKeys, pluginPinned, pluginBusy, pluginQuirks, keyFile, isolation,
        pluginLibrary, runnerMissing, egressCall, egressRequest, egressEndpoint, egressPolicy, egressAddress,
        egressRedirect, egressTLS, egressSize, egressSecret, egressTimeout, egressUnreachable, egressReset,
        egressAnswer, egressLibrary, providerPolicy, providerReject, providerUnhealthy, providerRateLimit,
        providerTimeout,
        providerQuota, providerTransient, providerRequest, providerAnswer, inferenceNone, inferenceModel,
        inferenceBudget, inferenceTemplate, modelRegistry,
        relayAddress, relayDenied, relayMissing, relayTimeout, relayUnreachable,
        policyDenied, policyRole, policyMode, policyMasking, policyManifest, policyExpectation, policyBudget,
        policyJurisdiction, policyUntracked, policyVersion, gateEvidence, gateSeen, runMissing,
        runState, runMode, runPlugin, runStopped, budget, stageInput, errorBudget, validation, quarantineLost,
        chunksLost, dslRejected, dslUnsupported, dslEngine, dslInput, promptPlaceholderLost, promptPlaceholderInvented,
        artifactMissing, artifactCorrupt, artifactReuse, artifactVersion, artifactPromotion, storeVersion, storeFailed,
        storeDamaged, storeLedger, fileFailed, interrupted,
    ].sorted { $0.id < $1.id }
}
