/// The words of headers, by what they name; in English, Spanish, French, German, Portuguese and Italian, without marks.
///
/// Portals write `direcci_n` for dirección: words without the lost letter stand beside the whole ones.
enum HeaderVocabulary {
    static func list(_ words: String) -> Set<String> {
        Set(words.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    static let email = list(
        "email emails mail correo correos courriel emailaddress mailto correoelectronico correoelectrnico electronico")
    static let phone = list(
        """
        phone phones telephone telephones tel tels telefono telefonos telfono telfonos telefon telefone telefones
        telefonnummer rufnummer fax faxes telefax mobile mobil celular celulares movil handy whatsapp fono cellphone
        phonenumber faxnumber contactno telno phoneno cellulare telephonic hotline landline tty tdd phonefax pager
        """)
    static let address = list(
        """
        address addresses addr adr addrs direccion direcciones direccin direcin domicilio adresse adressen anschrift
        endereco indirizzo adresa streetaddress calle strasse morada direc dir
        """)
    static let weakAddress = list(
        "location street ubicacion ubicacin localizacion site premise premises lieu sitio rue via rua residence")
    static let given = list(
        """
        firstname fname forename forenames givenname nombres prenom prenoms vorname vornamen christian prenome
        primernombre nombre1 firstnm
        """)
    static let family = list(
        """
        lastname lname surname surnames familyname apellido apellidos nachname familienname cognome sobrenome apelido
        primerapellido segundoapellido ape apell maiden lastnm paterno materno
        """)
    static let middle = list("middlename mname mi middleinitial minit segundonombre midname middle")
    static let name = list("name names nombre nombres nom noms namen nome nomes nm denominacion")
    static let fullName = list("fullname fullnames personname legalname")
    static let age = list("age ages edad edades alter idade eta edadanos")
    static let gender = list("gender genders sex sexo sexe genero gnero genre geschlecht sesso")
    static let race = list(
        "race races ethnicity ethnic ethnicities raza etnia etnico tnica etnica racial raceethnicity ethnie raca pertenenciaetnica"
    )
    static let birth = list(
        "birth dob born birthdate birthday dateofbirth nacimiento naissance geburtsdatum geburtstag geburt nascimento nascita bday birthyear yob brthdate"
    )
    static let marital = list("marital maritalstatus estadocivil familienstand conyugal civil")
    static let latitude = list("latitude lat latitud breitengrad latitudine")
    static let longitude = list("longitude lon lng long longitud laengengrad longitudine")
    static let postal = list("zip zipcode postal postcode postalcode plz cep cap codigopostal zipcodes zip4 zip5")
    static let place = list(
        """
        city town state county country province municipality municipio municipios departamento departamentos ciudad
        pais region district counties cities states countries towns districts regions borough village suburb ville pays stadt land kreis cidade estado provincia comune paese
        barrio vereda muni localidad corregimiento parish township nation territory commune nationality
        """)
    static let organization = list(
        """
        company business organization organisation agency employer firm corporation vendor supplier manufacturer
        empresa entidad razonsocial organizacion societe entreprise firma unternehmen azienda institution dba brand
        sponsor department bank
        """)
    static let jobTitle = list(
        "title job position occupation cargo jobtitle profession puesto ocupacion titulo beruf role")

    /// Who bears a name.
    static let roles = list(
        """
        owner owners applicant applicants artist artists author authors contact contacts inspector inspectors officer
        officers employee employees director directors manager managers president principal principals chief mayor member
        members candidate candidates contributor contributors donor donors lobbyist lobbyists client clients customer
        customers patient patients physician physicians doctor doctors attorney attorneys lawyer judge agent agents
        representative representatives representante propietario propietarios titular gerente rector rectora alcalde
        funcionario contratista beneficiario responsable victim suspect defendant plaintiff person persons persona
        personas people individual individuals student students teacher teachers coach player sponsor signer registrant
        preparer treasurer payee vendor licensee permittee tenant occupant resident holder spouse spouses parents father mother padre
        madre parent child children sibling guardian nurse practitioner dentist secretary supervisor superintendent
        commissioner councillor councilor councilmember senator legislator trustee incumbent nominee winner champion
        sculptor photographer creator slave enslaver alias aliases nickname aka instructor speaker filer taxpayer
        grantor grantee buyer seller borrower debtor complainant respondent operator contractor engineer architect
        designer veteran inmate arrestee driver requester requestor assignee analyst editor translator composer actor
        signatory notary provider proveedor prestador proponente interventor ordenador docente estudiante alumno cliente
        empleado presidente secretario medico paciente autor artista contribuyente arrendatario solicitante investigador
        coordinador coordinator administrator executive ceo researcher investigator professor leader head delegate
        ambassador minister counselor caseworker clerk sheriff fiduciary executor heir beneficiary insured policyholder
        passenger guest host voter elector witness informant decedent deceased conservator donante lider licenciado
        licenciatario firmante apoderado jefe encargado profesional ingeniero kunde mitarbeiter besitzer inhaber
        ansprechpartner chair chairman chairwoman chairperson boardchair official officials enslaved slaves freedman
        deponent deponents affiant affiants plaintiffs defendants siblings hiree proprietaire locataire auteur proprietario titolare autore lobbyistname poc liaison steward
        """)
    /// Those that organisations bear as often.
    static let organizationRoles = list(
        """
        owner owners applicant applicants vendor provider licensee taxpayer permittee contractor operator sponsor filer client
        clients customer customers payee proveedor prestador agent holder buyer seller donor donors contributor contributors
        borrower tenant grantor grantee fiduciary principal member members respondent complainant creator contact contacts
        contratista contribuyente cliente solicitante proponente responsable assignee preparer registrant kunde
        """)
    /// Names of things.
    static let things = list(
        """
        school schools park parks facility facilities company city county street streets road roads station route site
        project projects program programs programme plan product brand model file column field table department dept
        office fund event venue category common scientific species plant dataset district area neighborhood
        neighbourhood community borough state country region zone property building buildings complex team course
        subject test indicator measure variable layer feature river stream lake watershed well mine vessel ship boat
        airport hospital clinic church cemetery library bank branch asset drug disease crime offense charge unit ward
        precinct subdivision condo condominium apartment apartments hotel shelter playground pool field trail bridge dam
        municipio departamento barrio vereda establecimiento sede institucion colegio servicio producto diagnostico
        actividad programa proyecto centro escuela hospital estacion instalacion laboratorio material medicamento
        especie equipo marca modelo parent1 parent2 parent3 parent4 location place town village province host domain user
        browser device system database server column host app application software job crop animal pet dog cat breed
        horse genus family order class group code item account cost budget purpose payment contract tender lot ministry
        agency long short display alternate alt legal sub type status service services line yard corridor segment tab
        section division cups cie occupation activity industry sector stage phase color colour yarn gage issue topic
        theme question answer choice option goal objective strategy metric kpi survey permit license fee tax violation
        """)
    /// What makes a column about a thing no value of it.
    static let metadata = list(
        """
        type types tipo code codes codigo cd id ids identifier key count counts cnt num total totals sum avg average mean
        median percent percentage pct rate ratio flag ind indicator status estado date fecha time hora year url link
        website web image photo picture score rank level nivel version format length size amount cost fee price
        valid verified exists available available preferred method comments comment notes note description descripcion
        """)
    /// What parts an address.
    static let addressParts = list(
        """
        city state zip zipcode zip4 county country province municipality ciudad municipio departamento pais postal
        postcode number num no numero direction dir suffix prefix type tipo id code district dist councildis latitude
        longitude lat lon lng ip mac email mail web url website status flag verified count quality key accuracy source
        precinct ward council geocode geocoded score neighborhood borough date
        """)
    static let ageGroups = list(
        """
        group groups grp range ranges bracket brackets band bands category categories class rango rangos grupo grupos
        quinquenio ciclo categoria intervalo gruppe tranche faixa classe average avg mean median promedio min max minimum
        maximum count total number num percent pct rate ratio adjusted under over limit unit units unidad medida code id
        required requirement standardized cohort tree stand stock vehicle building structure house housing asset equipment
        pipe fleet vessel boat school roof well bin bins level
        """)
    static let birthNot = list(
        """
        place lugar country pais municipio municipality departamento city ciudad state county births weight peso rate rates
        order count certificate number control outcome type tipo multiple live low preterm premature id code codigo
        """)
    static let measures = list(
        """
        amount total sum count quantity qty price cost value volume weight area length width height depth distance rate
        percent percentage ratio score rank average avg mean median min max minimum maximum population budget revenue
        salary income expense expenditure payment balance fee tax year month day week hour minute duration speed
        temperature capacity size units number_of year years acres sqft square feet miles kwh mwh gallons tons emissions
        energy usage consumption elevation altitude pressure density index level stock sales visits views hits clicks
        downloads passengers trips ridership enrollment students households votes ballots cases deaths births calls
        incidents arrests valor monto cantidad total precio costo poblacion ano anio mes dia presupuesto saldo numero_de
        betrag anzahl preis summe jahr montant nombre_de prix annee quantite valore importo prezzo anno quantidade preco
        """)
    static let animals = list("animal animals breed breeds species especie livestock kennel pets canine feline mascota")

    /// Words that stand glued to others in headers: `agentfirstname`, `principaladdress`, `ppptelefon`.
    static let glued: [String] = [
        "emailaddress", "streetaddress", "phonenumber", "faxnumber", "inspector", "applicant", "representative",
        "director", "manager", "supervisor", "attorney", "physician", "provider",
        "firstname", "lastname", "middlename", "fullname",
        "givenname", "familyname", "telephone", "telefono", "telefon", "direccion", "apellidos", "apellido",
        "nacimiento",
        "ethnicity", "surname", "address", "gender", "email", "phone", "correo", "nombre", "contact", "owner",
        "organization", "company", "license", "chair", "liaison", "county", "country", "state", "zipcode", "city",
        "name", "fax",
    ]
    /// Whole words that end or begin so by chance.
    static let notGlued = list(
        """
        states estate interstate statement statewide stated statement capacity electricity velocity simplicity toxicity
        ethnicity ownership contacts contacted homeowner homeowners landowner username filename surname nickname hostname
        tablename pathname rename renamed named names unnamed forename codename dbaname addressed microphone telephones
        smartphone saxophone headphone transgender engender multiplicity publicity specificity authenticity scarcity
        companyname statestreet velocity city cities simplicity electricity domestic domestice
        """)
}
