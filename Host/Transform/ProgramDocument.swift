public import Columnar
public import Foundations

/// What `sluice dsl` reads: plans, and the columns that they read.
///
/// JSON form: `{"inputs":[{"name":"x","type":"text"},…],"plans":[PLAN,…]}`. A bare PLAN is a program too; the columns that
/// it names are texts. Everything is type-checked when it is read.
public struct ProgramDocument: Sendable {
    /// The plans as one graph, over the inputs of the document.
    public let program: TypedProgram
    public let features: PlanFeatures

    /// Most bytes of a document.
    public static let maximumBytes = 4 << 20
    /// Most input columns of a document: what so many plans can read.
    public static let maximumInputs = TypedProgram.maximumPlans * Plan.maximumInputs
    /// Values of a document of the largest size; a value takes a hundred bytes of memory and more.
    static let maximumValues = 1 << 20

    public var inputs: Schema { program.inputs }
    public var plans: [Plan] { program.plans }

    /// - Parameter inputs: columns that hold instead of those that the document declares; columns that they do not name
    ///   keep what the document says.
    /// - Throws: `SluiceError` of kind `dsl.rejected` with the JSON pointer and the nearest allowed form.
    public init(json: JSON, inputs given: [Field] = [], features: PlanFeatures = []) throws(SluiceError) {
        self.features = features
        guard let members = json.objectValue else {
            throw Rejection.document("", "a program is an object", Self.form)
        }
        guard members["plans"] != nil || members["inputs"] != nil else {
            let plan = try Plan(json: json, features: features)
            let declared = plan.inputs.map { Field($0, .text) }
            program = try TypedProgram([plan], inputs: Self.merged(declared, given))
            return
        }
        for key in members.keys.sorted() where key != "inputs" && key != "plans" {
            throw Rejection.document(
                "/" + Rejection.token(key), "there is no key \(Rejection.quoted(key)) here",
                Rejection.nearest(key, of: ["inputs", "plans"]))
        }
        guard case .array(let list)? = members["plans"] else {
            throw Rejection.document("/plans", "it is not an array of plans", Self.form)
        }
        guard list.count <= TypedProgram.maximumPlans else {
            throw Rejection.document(
                "/plans", "there are \(list.count) plans", "At most \(TypedProgram.maximumPlans) are allowed.")
        }
        var plans: [Plan] = []
        var patterns = 0
        for (place, json) in list.enumerated() {
            let plan = try Plan(json: json, features: features, at: "/plans/\(place)")
            patterns += plan.steps.filter(\.operation.hasPattern).count
            // Each is a table of its own, of up to 165 KB.
            guard patterns <= TypedProgram.maximumPatterns else {
                throw Rejection.document(
                    "/plans/\(place)", "the plans up to here have \(patterns) steps with patterns",
                    "At most \(TypedProgram.maximumPatterns) are allowed; split the program.")
            }
            plans.append(plan)
        }
        let declared = try members["inputs"].map(Self.fields) ?? Self.columns(of: plans)
        program = try TypedProgram(plans, inputs: Self.merged(declared, given), at: "/plans")
    }

    /// A program from the bytes of a JSON document.
    ///
    /// - Throws: `SluiceError` of kind `dsl.rejected`, also when the document is not JSON or too large.
    public static func parse(
        _ document: [UInt8], inputs: [Field] = [], features: PlanFeatures = []
    ) throws(SluiceError) -> ProgramDocument {
        guard document.count <= maximumBytes else {
            throw Rejection.document(
                "", "it has \(document.count) bytes", "At most \(maximumBytes) bytes are allowed; split the program.")
        }
        let json: JSON
        do { json = try JSONParser.parseBytes(document, maximumValues: maximumValues) } catch {
            throw Rejection.document(
                "", "it is not valid JSON: \(error.reason) at byte \(error.offset)", "Mend the document there.")
        }
        return try ProgramDocument(json: json, inputs: inputs, features: features)
    }

    /// With the inputs that hold, so that the document says all of itself.
    public var json: JSON {
        [
            "inputs": .array(
                program.inputs.fields.map { ["name": .string($0.name), "type": .string($0.type.name)] }),
            "plans": .array(program.plans.map(\.json)),
        ]
    }

    /// SHA-256 of the canonical JSON.
    public var hash: SHA256.Digest { json.canonicalHash }

    // MARK: Inputs

    private static let form =
        #"A program is {"inputs":[{"name":…,"type":…},…],"plans":[PLAN,…]}, or a PLAN: {"target":…,"steps":[…],"result":…}."#

    private static func columns(of plans: [Plan]) -> [Field] {
        var seen: Set<String> = []
        return plans.flatMap(\.inputs).filter { seen.insert($0).inserted }.map { Field($0, .text) }
    }

    private static func merged(_ declared: [Field], _ given: [Field]) -> Schema {
        let types = Dictionary(given.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
        let names = Set(declared.map(\.name))
        return Schema(
            declared.map { Field($0.name, types[$0.name] ?? $0.type) } + given.filter { !names.contains($0.name) })
    }

    private static func fields(_ json: JSON) throws(SluiceError) -> [Field] {
        let form = #"Inputs are [{"name":"x","type":"text"},…]."#
        guard case .array(let list) = json else { throw Rejection.document("/inputs", "it is not an array", form) }
        guard list.count <= maximumInputs else {
            throw Rejection.document(
                "/inputs", "there are \(list.count) columns", "At most \(maximumInputs) are allowed.")
        }
        var names: Set<String> = []
        var fields: [Field] = []
        for (place, json) in list.enumerated() {
            let pointer = "/inputs/\(place)"
            guard let members = json.objectValue else { throw Rejection.document(pointer, "it is not an object", form) }
            if let key = members.keys.filter({ $0 != "name" && $0 != "type" }).min() {
                throw Rejection.document(
                    "\(pointer)/\(Rejection.token(key))", "there is no key \(Rejection.quoted(key)) here",
                    Rejection.nearest(key, of: ["name", "type"]))
            }
            guard case .string(let name)? = members["name"], PlanParser.isColumnName(name) else {
                throw Rejection.document(
                    pointer + "/name", "it is not a column's name", "1 to \(PlanParser.maximumName) bytes.")
            }
            guard names.insert(name).inserted else {
                throw Rejection.document(pointer + "/name", "the column stands twice", "Give every column one entry.")
            }
            guard let type = members["type"]?.stringValue.flatMap(ColumnType.init(name:)) else {
                throw Rejection.document(
                    pointer + "/type", "it is not a type's name",
                    Rejection.nearest(members["type"]?.stringValue ?? "", of: typeNames))
            }
            fields.append(Field(name, type))
        }
        return fields
    }

    /// As columns may be declared.
    public static let typeNames =
        ["text", "int64", "decimal(p,s)", "float64", "bool", "date", "timestamp", "binary"]
}
