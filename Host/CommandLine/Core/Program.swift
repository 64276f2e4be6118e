internal import Detection
public import Foundations
internal import Supervisor

/// The `sluice` command: parses, asks the service, prints, and says with which status to end.
///
/// With `--json` standard output holds one JSON document, or JSON Lines for `ledger`, and nothing else.
public final class Program {
    private let context: Context
    private let console: Console
    private let interruption: Interruption
    private let open: ServiceFactory

    public init(context: Context, console: Console, interruption: Interruption, service: @escaping ServiceFactory) {
        self.context = context
        self.console = console
        self.interruption = interruption
        open = service
    }

    /// - Parameter arguments: without the program's name.
    /// - Returns: the exit status.
    public func run(_ arguments: [String]) -> Int32 {
        let wantsJSON = Parser.isAsked("--json", in: arguments)
        var status = ExitStatus.done
        do throws(SluiceError) {
            if arguments.isEmpty {
                for line in try Help.lines([], console.errorStyle) { console.note(line) }
                return ExitStatus.usage
            }
            switch try Parser.parse(arguments) {
            case .help(let topic): try help(topic, json: wantsJSON)
            case .command(let invocation): status = try perform(invocation)
            }
        } catch {
            if wantsJSON { console.print(["error": error.json]) } else { console.report(error) }
            status = ExitStatus.of(error)
        }
        return console.settle(status)
    }

    private func help(_ topic: [String], json: Bool) throws(SluiceError) {
        if json { console.print(try Help.json(topic)) } else { console.print(try Help.lines(topic, console.outStyle)) }
    }

    private func scanner(_ invocation: Invocation, types: Set<EntityType>? = nil) throws(SluiceError) -> Scanner {
        guard !invocation.has("structured") else { return Scanner(types: types) }
        return Scanner(.all, lexicon: try Dictionaries.lexicon(context), types: types)
    }

    /// The types that `--types` names; nil without it.
    private func types(_ invocation: Invocation) throws(SluiceError) -> Set<EntityType>? {
        guard let list = invocation.text("types") else { return nil }
        var types: Set<EntityType> = []
        for name in list.split(separator: ",") {
            guard let type = EntityType(rawValue: String(name)) else {
                throw SluiceError(
                    .usage,
                    "--types names \(name), which is none of \(EntityType.allCases.map(\.rawValue).joined(separator: ", "))."
                )
            }
            types.insert(type)
        }
        return types
    }

    private func evaluate(_ invocation: Invocation) throws(SluiceError) {
        let isStructured = invocation.has("structured")
        let lexicon = isStructured ? .empty : try Dictionaries.lexicon(context)
        try EvalCommand(
            console: console, scanner: isStructured ? Scanner() : Scanner(.all, lexicon: lexicon),
            classifier: ColumnClassifier(lexicon: lexicon)
        ).perform(invocation)
    }

    private func perform(_ invocation: Invocation) throws(SluiceError) -> Int32 {
        switch invocation.verb {
        case .help: try help(invocation.operands, json: invocation.json)
        case .errors: try errors(invocation)
        case .mask:
            let scanner = try scanner(invocation, types: types(invocation))
            try MaskCommand(console: console, scanner: scanner).perform(invocation.operand(0))
        case .dslCheck, .dslExplain, .dslRun, .dslCompile, .dslDiff, .dslElt, .dslMatrix:
            return try DSLCommand(console: console, invocation: invocation, context: context).perform()
        case .evalPII: try evaluate(invocation)
        case .evalProviders: try EvalProvidersCommand(console: console, context: context).perform(invocation)
        case .completions:
            let shell = invocation.operand(0) ?? ""
            let script = Completions.script(shell)
            if invocation.json {
                console.print(["shell": .string(shell), "script": .string(script)])
            } else {
                console.print(Self.verbatim(script))
            }
        case .version:
            if invocation.json {
                console.print([
                    "version": .string(Versions.sluice), "roadmap_version": .string(Versions.roadmap),
                    "dsl_version": .string(Versions.dsl),
                ])
            } else {
                console.print(["sluice \(Versions.sluice) (ROADMAP \(Versions.roadmap), DSL \(Versions.dsl))"])
            }
        default:
            let session = Session(
                invocation: invocation, open: open, console: console, context: context, interruption: interruption)
            return try session.perform()
        }
        return ExitStatus.done
    }

    private func errors(_ invocation: Invocation) throws(SluiceError) {
        let id = invocation.operand(0)
        if id != nil, invocation.has("markdown") {
            throw SluiceError(.usage, "--markdown prints the whole catalog; leave DETAIL_ID out.")
        }
        let kinds = try id.map { id throws(SluiceError) in [try ErrorCatalog.kind(id)] } ?? ErrorKind.all
        switch (invocation.json, invocation.has("markdown")) {
        case (true, true): console.print(["markdown": .string(ErrorKind.markdown)])
        case (true, false): console.print(ErrorCatalog.json(kinds))
        case (false, true): console.print(Self.verbatim(ErrorKind.markdown))
        case (false, false): console.print(ErrorCatalog.lines(kinds, console.outStyle))
        }
    }

    /// A text of the program that ends with a line feed, which printing adds again.
    private static func verbatim(_ text: String) -> [Text] { [Text(verbatim: String(text.dropLast()))] }
}
