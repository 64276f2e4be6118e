internal import Contracts

/// All that is known of a command: parsing, help and completions read this table and nothing else.
struct Spec: Sendable {
    struct Example: Sendable {
        let purpose: String
        let line: String
    }

    let verb: Verb
    let summary: String
    /// The forms behind `sluice `.
    let usage: [String]
    /// What it does, in paragraphs of lines.
    let about: String
    var operands: [Operand] = []
    var options: [Option] = []
    /// Two to four.
    let examples: [Example]
    /// Exit statuses beyond 0, 1 and 2, when the command has any.
    var exits: String = ""
}

extension Verb {
    var spec: Spec {
        switch self {
        case .run: Spec.run
        case .runs: Spec.runs
        case .show: Spec.show
        case .ledger: Spec.ledger
        case .artifacts: Spec.artifacts
        case .artifactsGC: Spec.artifactsGC
        case .artifactsPromote: Spec.artifactsPromote
        case .artifact: Spec.artifact
        case .quarantine: Spec.quarantine
        case .decide: Spec.decide
        case .resume: Spec.resume
        case .stop: Spec.stop
        case .pluginNew: Spec.pluginNew
        case .pluginSDK: Spec.pluginSDK
        case .pluginList: Spec.pluginList
        case .pluginShow: Spec.pluginShow
        case .pluginInstall: Spec.pluginInstall
        case .pluginVerify: Spec.pluginVerify
        case .pluginEnable: Spec.pluginEnable
        case .pluginDisable: Spec.pluginDisable
        case .pluginRemove: Spec.pluginRemove
        case .pluginRetry: Spec.pluginRetry
        case .pluginConformance: Spec.pluginConformance
        case .pluginKeys: Spec.pluginKeys
        case .pluginTrust: Spec.pluginTrust
        case .pluginRevoke: Spec.pluginRevoke
        case .pluginKeygen: Spec.pluginKeygen
        case .pluginSign: Spec.pluginSign
        case .pluginPack: Spec.pluginPack
        case .policyCheck: Spec.policyCheck
        case .policyExplain: Spec.policyExplain
        case .policyDiff: Spec.policyDiff
        case .policyTest: Spec.policyTest
        case .policyShow: Spec.policyShow
        case .policyHistory: Spec.policyHistory
        case .policyEdit: Spec.policyEdit
        case .policyRevert: Spec.policyRevert
        case .cost: Spec.cost
        case .dslCheck: Spec.dslCheck
        case .dslExplain: Spec.dslExplain
        case .dslRun: Spec.dslRun
        case .dslCompile: Spec.dslCompile
        case .dslDiff: Spec.dslDiff
        case .dslElt: Spec.dslElt
        case .dslMatrix: Spec.dslMatrix
        case .mask: Spec.mask
        case .evalPII: Spec.evalPII
        case .evalProviders: Spec.evalProviders
        case .errors: Spec.errors
        case .completions: Spec.completions
        case .help: Spec.help
        case .version: Spec.version
        }
    }
}

extension Operand {
    fileprivate static let run = Operand(
        name: "RUN", value: .run, required: true, help: "id of a run, or a beginning of it that no other run has")
    static let contract = Operand(
        name: "CONTRACT.json", value: .file, required: false, help: "a Run Contract; - reads it from standard input")
}

extension Option {
    /// The contract by options; with CONTRACT.json these stand in the file instead.
    static let shorthand: [Option] = [
        .value(
            "lhs", "SRC", .location,
            "the source: csv:PATH, sqlite:PATH#TABLE, SCHEME:PATH that a plugin reads, or a bare path"),
        .value("rhs", "DST", .location, "the target table, which must exist: sqlite:PATH#TABLE"),
        .value(
            "mode", "MODE", .choice(Mode.allCases.map(\.rawValue)),
            "data_mode migrates rows (default); metadata_only reads no row and ends with a plan"),
        .value(
            "lane", "LANE", .choice(Lane.allCases.map(\.rawValue)),
            "a wish: interactive, flex or batch; the lane table decides (--explain shows how)"),
        .value(
            "routing", "PROFILE", .choice(RoutingProfile.allCases.map(\.rawValue)),
            "which provider is tried first; default quality_first"),
        .value("thresholds", "ID", .text, "threshold profile of the gates; default tp_default_v1"),
        .value("sample-rows", "N", .integer(1...10_000_000), "at most so many rows in the masked Sample Pack"),
        .value("tag", "T", .text, repeats: true, "an audit tag; may be given several times"),
        .value("idempotency-key", "K", .text, "part of the run's identity"),
        .value("created-at", "T", .time, "time of the request, RFC 3339; the same request again is the same run"),
        .value("plan", "HASH", .hash, "reuse the Mapping Plan of another run instead of having one proposed"),
    ]
    fileprivate static let yes = Option.flag(
        "yes", "give the confirmations that the contract asks for beforehand; the ledger records it")
    fileprivate static let fresh = Option.flag(
        "fresh", "ask providers even where their answer is cached, and cache it anew")
    fileprivate static let laneAgain = Option.value(
        "lane", "LANE", .choice(Lane.allCases.map(\.rawValue)),
        "a wish for the rest of the run: interactive, flex or batch; the lane table decides")
}

extension Spec {
    private static let gateExits = """
        3 held at a gate (then `sluice decide`), 4 POLICY_BLOCK, 5 DSL_REJECT, 6 providers exhausted,
        7 QUARANTINE_REQUIRED. Rows in quarantine within the error budget end with 0 and are counted.
        """

    fileprivate static let run = Spec(
        verb: .run, summary: "move a table through the five gates into its target",
        usage: ["run CONTRACT.json [--yes] [--fresh] [--explain]", "run --lhs SRC --rhs DST [options]"],
        about: """
            Ingest, Domains, Mapping, Analysis, Migration: each stage ends at a gate that accepts, holds or sends back.
            All rows are either in the target or in quarantine afterwards, and the target changes in one transaction.
            A contract that has run before prints its summary again; it never runs twice.
            """,
        operands: [.contract],
        options: Option.shorthand + [
            .yes, .fresh, .flag("explain", "show lane, rules and stages, and start nothing"),
        ],
        examples: [
            Example(
                purpose: "Migrate a CSV file, confirming the promotion beforehand",
                line: "sluice run --lhs csv:people.csv --rhs sqlite:crm.db#customers --yes"),
            Example(
                purpose: "Plan it without reading a row",
                line: "sluice run --mode metadata_only --lhs people.csv --rhs sqlite:crm.db#customers"),
            Example(
                purpose: "Next month's file, by the mapping that was accepted",
                line: "sluice run --lhs may.csv --rhs sqlite:crm.db#customers --plan 3f9a1c02"),
            Example(
                purpose: "By a contract, in a script", line: "sluice run contract.json --yes --json | jq .rows_migrated"
            ),
        ],
        exits: gateExits)

    fileprivate static let runs = Spec(
        verb: .runs, summary: "list the runs of this home, newest first", usage: ["runs"],
        about: "A run's state is created, running, held, ready, stopped, failed, done or damaged.",
        examples: [
            Example(purpose: "All runs", line: "sluice runs"),
            Example(purpose: "The newest run's id", line: "sluice runs --json | jq -r '.runs[0].run_id'"),
        ])

    fileprivate static let show = Spec(
        verb: .show, summary: "show a run: stages, decisions, rows, quarantine, checkpoints, contract",
        usage: ["show RUN"], about: "Shows no unmasked value: quarantined rows are counted by reason.",
        operands: [.run],
        examples: [
            Example(purpose: "By the beginning of its id", line: "sluice show 01JCX"),
            Example(purpose: "Why it is held", line: "sluice show 01JCX --json | jq .hold"),
        ])

    fileprivate static let ledger = Spec(
        verb: .ledger, summary: "print every decision of a run in order, verify it, or export it",
        usage: [
            "ledger RUN [--verify] [--export FILE]", "ledger --public-key",
            "ledger --verify-file FILE [--key PUBLICKEY]",
        ],
        about: """
            One line an event; with --json, JSON Lines with every field of ROADMAP §30. The events of a run are a chain
            of hashes with an authenticated head: --verify finds what was edited, deleted, reordered, cut or rebuilt.
            """,
        operands: [
            Operand(
                name: "RUN", value: .run, required: false,
                help: "id of a run, or a beginning of it that no other run has")
        ],
        options: Option.ledger,
        examples: [
            Example(purpose: "For people", line: "sluice ledger 01JCX"),
            Example(
                purpose: "Who confirmed what",
                line: "sluice ledger 01JCX --json | jq -c '[.stage, .human_confirmation.actor]'"),
            Example(purpose: "Hand it to an auditor", line: "sluice ledger 01JCX --export ledger.jsonl"),
            Example(purpose: "Who verifies it elsewhere", line: "sluice ledger --verify-file ledger.jsonl"),
        ], exits: "1 when it does not hold (store.ledger); the message names the first event at fault.")

    fileprivate static let artifacts = Spec(
        verb: .artifacts, summary: "list the artifacts of a run",
        usage: ["artifacts RUN", "artifacts gc [options]", "artifacts promote HASH --reason WHY"],
        about: "An artifact is named by the SHA-256 of its body: the same work gives the same names.", operands: [.run],
        examples: [
            Example(purpose: "List them", line: "sluice artifacts 01JCX"),
            Example(
                purpose: "Compare two runs",
                line: "diff <(sluice artifacts RUN1 --json | jq .artifacts[].hash) "
                    + "<(sluice artifacts RUN2 --json | jq .artifacts[].hash)"),
        ])

    fileprivate static let artifact = Spec(
        verb: .artifact, summary: "print one artifact", usage: ["artifact HASH"],
        about: "The body is what was found; the envelope says who made it, when and in which run. Values are masked.",
        operands: [
            Operand(
                name: "HASH", value: .hash, required: true,
                help: "64 hexadecimal digits, or at least the first 8 of them")
        ],
        examples: [
            Example(purpose: "For people", line: "sluice artifact 3f9a1c02"),
            Example(purpose: "Its body as canonical JSON", line: "sluice artifact 3f9a1c02 --json | jq -cS .body"),
        ])

    fileprivate static let decide = Spec(
        verb: .decide, summary: "decide at the gate where a run is held",
        usage: ["decide RUN STAGE accept|hold|fix|reject [--seen TOKEN] [--reason TEXT]"],
        about: """
            accept lets the run go on, fix sends the stage back, hold leaves it for later, reject ends the run there.
            The decision is recorded under your name; nothing runs until `sluice resume RUN`. With --seen it counts only
            for what you looked at: the token that `sluice show RUN` prints is another one as soon as anything of it is.
            """,
        operands: [
            .run, Operand(name: "STAGE", value: .stage, required: true, help: "the stage that is held, in either case"),
            Operand(
                name: "DECISION", value: .choice(["accept", "hold", "fix", "reject"]), required: true,
                help: "accept, hold, fix or reject"),
        ],
        options: [
            .value(
                "seen", "TOKEN", .text,
                "the token of what you looked at, from `sluice show RUN`; else what is there now"),
            .value("reason", "TEXT", .text, "why, in a line; goes into the ledger, so name no value of a row"),
        ],
        examples: [
            Example(purpose: "Let the migration write", line: "sluice decide 01JCX MIGRATION accept"),
            Example(
                purpose: "Only if nothing has changed since you looked",
                line: "sluice decide 01JCX migration accept --seen 7c1f0a92be5d6348"),
            Example(
                purpose: "Send a mapping back, and say why",
                line: "sluice decide 01JCX mapping fix --reason \"phone is mapped to fax\""),
        ], exits: "4 when your role may not decide this, or what you saw is not what is there now.")

    fileprivate static let resume = Spec(
        verb: .resume, summary: "go on with a run that was held, stopped, interrupted or failed",
        usage: ["resume RUN [--yes] [--lane LANE] [--fresh]"],
        about: """
            Goes on behind the last checkpoint; rows that were written are not written again. A source that changed in
            between is refused. The lane is chosen again; when it changes, policy is asked again, cached answers of the
            old lane are dropped, and the ledger tells of it.
            """,
        operands: [.run], options: [.yes, .laneAgain, .fresh],
        examples: [
            Example(purpose: "After a decision", line: "sluice resume 01JCX"),
            Example(purpose: "And confirm the promotion beforehand", line: "sluice resume 01JCX --yes"),
            Example(purpose: "In another lane", line: "sluice resume 01JCX --lane flex"),
        ], exits: gateExits)

    fileprivate static let stop = Spec(
        verb: .stop, summary: "ask a run to stop at its next safe point", usage: ["stop RUN"],
        about: "Works from another terminal too. What was done is kept; `sluice resume RUN` goes on.", operands: [.run],
        examples: [
            Example(purpose: "Stop it", line: "sluice stop 01JCX"),
            Example(purpose: "And go on later", line: "sluice resume 01JCX"),
        ])

    fileprivate static let policyCheck = Spec(
        verb: .policyCheck, summary: "say what policy thinks of a contract, without running it",
        usage: ["policy check CONTRACT.json", "policy check --lhs SRC --rhs DST [options]"],
        about: "Validates the contract, naming every mistake by JSON pointer, and lists each decision with its rule.",
        operands: [.contract], options: Option.shorthand,
        examples: [
            Example(purpose: "Before a run", line: "sluice policy check contract.json"),
            Example(
                purpose: "As a gate in a script",
                line: "sluice policy check contract.json --json >verdict.json || exit"),
        ], exits: "4 when policy denies it.")

    fileprivate static let errors = Spec(
        verb: .errors, summary: "explain the errors: meaning, next step, exit status",
        usage: ["errors [DETAIL_ID]", "errors --markdown"],
        about: "Every error has a code of the taxonomy and a detail id that never changes its meaning.",
        operands: [Operand(name: "DETAIL_ID", value: .errorID, required: false, help: "for example target.shape")],
        options: [.flag("markdown", "the whole catalog as Markdown")],
        examples: [
            Example(purpose: "One error", line: "sluice errors target.shape"),
            Example(purpose: "All of them", line: "sluice errors"),
            Example(purpose: "The page of the documentation", line: "sluice errors --markdown > docs/errors.md"),
        ])

    fileprivate static let completions = Spec(
        verb: .completions, summary: "print a completion script for a shell", usage: ["completions bash|zsh|fish"],
        about: "Completes commands, options, their values, files, and the ids of runs in the default home.",
        operands: [
            Operand(name: "SHELL", value: .choice(Completions.shells), required: true, help: "bash, zsh or fish")
        ],
        examples: [
            Example(purpose: "bash, in this session", line: "source <(sluice completions bash)"),
            Example(purpose: "zsh", line: "sluice completions zsh > \"${fpath[1]}/_sluice\""),
            Example(purpose: "fish", line: "sluice completions fish > ~/.config/fish/completions/sluice.fish"),
        ])

    fileprivate static let help = Spec(
        verb: .help, summary: "explain a command by example", usage: ["help [COMMAND]"],
        about: "The same as --help behind a command.",
        operands: [
            Operand(name: "COMMAND", value: .topic, required: false, help: "a command; all are listed without it"),
            Operand(name: "SUBCOMMAND", value: .topic, required: false, help: "for example list, behind plugin"),
        ],
        examples: [
            Example(purpose: "All commands", line: "sluice help"),
            Example(purpose: "One of them", line: "sluice help run"),
            Example(purpose: "Of a group", line: "sluice help plugin list"),
        ])

    fileprivate static let version = Spec(
        verb: .version, summary: "print the versions that every artifact and ledger event pins", usage: ["version"],
        about: "The program's version, the ROADMAP that contracts name, and the Transform DSL.",
        examples: [
            Example(purpose: "For people", line: "sluice version"),
            Example(purpose: "In a script", line: "sluice version --json | jq -r .version"),
        ])
}
