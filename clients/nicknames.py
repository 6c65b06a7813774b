"""Short and pet forms of first names, as people use them in North America, and common first names. No database.

Each line holds the full forms of one name, then `:` and the forms that stand for it. Two names are kin when they share
a line: Bob and Rob both stand for Robert, but Patrick and Patricia, who are both Pat, are two. Written down by hand
from general knowledge; add what an agency's people are called, folded as `casemgmt.core.folding.fold` does it.
"""

LINES = """
abigail: abby abbie gail
abraham abram: abe bram
adelaide adeline: addie addy della
adele: addie della
agnes: aggie nessie
albert alberto: al bert bertie beto
alejandro: alex ale jandro
alejandra: alex ale sandra
alexander: alex al alec sandy xander lex sasha
alexandra: alex alexa lexi lexie sandra sandy sasha xandra
alexis: alex lexi lexie
alfonso alphonso: al fonso poncho
alfred alfredo: al fred freddie freddy fredo
alice alicia: allie ally lici
allison alison: allie ally ali
amanda: mandy manda
amelia emilia: amy millie mia emmy
anastasia: stacy stacey ana nastya tasia
andrea: andi andie drea
andrew: andy drew
andres: andy
angela: angie angel
angelica angelina: angie angel
ann anne anna ana: annie nan nancy anita
annabelle annabel: anna bella belle
antoinette: toni nettie
anthony antonio: tony toni tonio nino
antonia: toni tonya nia
archibald: archie
arnold: arnie
arthur arturo: art artie turo
augustus august: gus augie
augustine agustin: gus augie tin
barbara: barb barbie babs bobbie
barnabas barnaby: barney
bartholomew: bart
beatrice beatriz beatrix: bea bee trixie betty
benjamin: ben benny benji benjy
bernadette: bernie detta
bernard bernardo: bernie nardo
bridget brigid: biddy bridie
calvin: cal
cameron: cam
candace candice: candy
carlos: charlie carlitos
carmen: carmencita mela
caroline carolyn carolina: carrie carol lina caro
casandra cassandra: cass cassie sandra sandy
catherine katherine kathryn katharine cathryn catalina: cathy kathy kate katie katy kay kit kitty kat cat rina
cecilia cecil: cece cissy ceci
charles: charlie charley chuck chas chaz
charlotte: charlie lottie char
chester: chet
christian cristian: chris cris
christina christine cristina kristina kristine: chris chrissy christy kris kristy tina cris
christopher cristobal: chris topher kit kip toby cris
clarence: clare
clifford clifton: cliff
clinton: clint
consuelo: chelo connie
constance: connie
cornelius: neil corny con
curtis: curt kurt
cynthia: cindy cyndi cyn
daniel: dan danny dani
daniela danielle: dani danni ella
david: dave davy davey
deborah debora debra: deb debbie debby
delores dolores: lola dee dolly lolita
dennis denis: denny
diana diane dianne: di didi
dmitri dmitry: dima mitya
dominic dominick: dom nick nicky
dominique: nikki
donald: don donny donnie
donovan: don van
dorothy dorothea: dot dottie dolly dora thea
douglas: doug
eduardo: eddie lalo edu
edward: ed eddie eddy ned ted teddy
edwin: ed eddie
eleanor elinor leonor: ellie nell nellie nora ella lena
elena helena: lena nelly
elizabeth elisabeth: liz lizzie lizzy beth betty betsy bess bessie eliza libby elsie lisa ellie lilibet
isabella isabel isabelle isobel: bella belle izzy izzie chabela isa tibby
emanuel emmanuel manuel: manny manolo manu mani
emily: em emmy millie
emma: em emmy
enrique: quique kike rick ricky henry
ernest ernesto: ernie neto
esteban: steve estebita
esther hester: essie hettie
eugene: gene
evangeline evangelina: eva evie eve lina
evelyn: evie eve lyn
ezekiel: zeke
felipe: pipe lipe
fernando: fer nando
florence: flo florrie flossie
frances francesca francisca: fran frannie fanny francie paca paquita
francis francisco: frank frankie fran paco pancho cisco kiko
franklin frank: frankie
frederick fredrick frederic: fred freddie freddy rick fritz
gabriel: gabe gabi gab
gabriela gabrielle gabriella: gabby gabi gaby ella brie
geoffrey jeffrey jeffery: jeff geoff
george: georgie
georgina georgia: georgie gina
gerald gerard gerardo: gerry jerry gera
gertrude: gertie trudy
gilbert gilberto: gil bert beto
giovanni: gio vanni
gloria: glory
grace graciela: gracie chela
gregory gregorio: greg gregg goyo
guadalupe: lupe lupita pita
guillermo: memo guille willy
gustavo: gus tavo
gwendolyn: gwen wendy
hannah hanna: annie
harold: hal harry
harriet: hattie harrie
hector: tito
helen: nell nellie lena
henry: hank harry hal
herbert: herb bert
herman: manny
hilary hillary: hill
howard: howie
hubert: hugh bert
humberto: beto
ignacio: nacho
irene: rena
isaac: ike zac
isaiah: ike zay
jacob: jake jay coby
jacqueline jaclyn jacquelyn: jackie jacqui
jaime: jimmy
james: jim jimmy jimmie jamie jem
jane: janie jenny
janet: jan janie
janice: jan
jasmine: jas jazz jazzy
javier xavier: javi xavi zave
jedediah: jed
jennifer: jen jenn jenny jenni
jeremiah jeremy: jerry jem
jerome: jerry
jessica: jess jessie
jesse: jess
jesus: chuy chucho
joan juana: jo joanie juanita
joanna joanne johanna: jo jan hanna
john: jack johnny johnnie jon
jonathan johnathan: jon jonny john nathan
jordan: jordy jory
jorge: coque george
jose: pepe joe chepe
joseph: joe joey jo sepp
josephine josefina josefa: jo josie pepa fina chepa
joshua: josh
joyce: joy
juan: juanito johnny
judith: judy judi
julia julie: jules juju
juliana: jules liana
juliet juliette: jules
julian: jules
julio julius: jules
justin: jus
karen: kari
kenneth: ken kenny
kevin: kev
kimberly kimberley: kim kimmy
lawrence laurence lorenzo: larry lawrie laurie lance lencho renzo
laura: laurie lori lolly
lauren: laurie ren
leah: lee
leon: lee leo
leonard leonardo: leo len lenny leon
leopold: leo poldi
leslie lesley: les
letitia leticia: lettie leti tish
lewis louis luis: lou louie lew lucho
lillian lilian: lily lil lilly
linda: lindy lin
louise louisa luisa: lou lulu
lucille: lou lu cille
lucy lucia: lu luz chia
lucas luke: luca lucky
luciano: lucho
lydia: liddy
mabel: may
madeline madeleine madelyn: maddie maddy mady
madison: maddie maddy mady
magdalena: lena magda maggie
malcolm: mal
marcus mark marcos: marc
margaret margarita: maggie meg peg peggy madge marge margie margo greta rita daisy mags
maria mary marie: mamie molly polly mimi may maritza mia
marian marion mariana: mari
marilyn: lyn
marjorie: marge margie margo
martha marta: marty mattie
martin: marty
marvin: marv
mateo: teo
matthew: matt matty mat
matilda mathilda: tilly mattie tillie
maureen: mo reenie
maurice mauricio: mo maury morrie
maximilian maxwell maximo: max
megan: meg
melanie: mel
melissa: mel missy lissa
melvin: mel
mercedes: meche merche mercy
michael: mike mikey mick mickey micky mitch
michelle michele: shelly shell mickey chelle
miguel: mike migue mickey
mildred: millie milly
minerva: minnie
miranda: mandy randi
miriam: mimi mitzi
mitchell: mitch
mohammed muhammad mohamed mohammad muhammed mohamad: mo moe hamid hamada
monica: mona nica
montgomery: monty
nancy: nan
natalie natalia: nat nattie talia
nataliya: natasha nata
natasha: tasha nat
nathaniel nathanael: nate nat nathan
nathan: nate nat
nicholas nicolas nikolai: nick nicky nico niko claus kolya
nicole: nicky nikki niki cole
norman: norm
octavio: tavo
olga: olya
olivia: liv livvy ollie livia
oliver: ollie
oscar: ossie
pamela: pam pammy
patricia: pat patty patti tricia trish pati
patrick: pat paddy rick packy
paul pablo: paulie pablito
paula: pauly
pauline: polly
pedro: perico pete
penelope: penny nelly
percival: percy
peter: pete petey
philip phillip: phil pip
phyllis: phyl
priscilla: cilla prissy
prudence: pru
rachel raquel: rae shelly kelly
ralph: rafe
ramon: moncho ray
randall: randy rand
randolph: randy rand
raphael rafael: rafa rafe ralph
raymond raymundo: ray mundo
rebecca rebekah: becky becca beck
regina: gina reggie
reginald: reg reggie rex
ricardo: ricky rick richie rico cardo
richard: rick ricky rich richie dick dickie rico
robert roberto: rob bob bobby robbie bert bobbie beto tito
roberta: bobbie robbie berta
rodney: rod
rodolfo rudolph rodolpho: rudy rolfo fito
rodrigo: rod rigo
roger rogelio: rodge roge
roland rolando: rollie lando
ronald: ron ronnie ronny
rosa rose: rosie rosy rosita
rosemary rosemarie: rosie romy rose
rosalind rosalinda: roz linda rosie
rosario: charo chayo
roxanne roxana: roxy roxie
russell: russ rusty
ruth: ruthie
salvador: sal chava
samantha: sam sammy
samuel: sam sammy
sandra: sandy
santiago: chago santi diego tiago
sarah sara: sally sadie sari
sebastian: seb bas bastian
sergei sergey: seryozha
sergio: checo serge
seymour: sy
sharon: shari
shirley: shirl
sidney sydney: sid syd
silvester sylvester: sly vester
silvia sylvia: syl sylvie
simon: si
solomon: sol
sophia sofia sophie: sophy fia sonya
stanley: stan
stephanie stefanie estefania: steph steffi stevie fanny
stephen steven stefan: steve stevie steph
stewart stuart: stu stew
susan susanna susannah suzanne susana: sue suzy susie suzie sukie
svetlana: sveta lana
tabitha: tabby
tamara: tammy tam mara
tatiana: tanya tania
teresa theresa: terry terri tess tessa tessie tere reese
terence terrence: terry
thaddeus: tad thad ted
theodore teodoro: ted teddy theo teo
theodora: dora theo thea
thomas tomas: tom tommy thom
timothy: tim timmy
tobias: toby
valentina valerie valeria: val vale
vanessa: nessa van
veronica: ronnie vero roni
victor: vic vick
victoria: vicky vickie tori vic
vincent vicente: vince vinny vin chente
violet: vi lettie
virginia: ginny ginger gina
vivian vivienne: viv
vladimir: vlad vova volodya
walter: walt wally
wesley: wes
wilfred: will fred wilf
wilhelmina: mina minnie willa billie
william: will bill billy willy willie liam
winifred: winnie freddie
woodrow: woody
yolanda: yoli
yusuf yousef yosef: joe
zachary zachariah zechariah: zach zack zac zak
"""

# Names that stand on no line above, but are names: a letter changed in one of them is rather another person's.
MORE = """
aaron adam aidan aiden alan alana alma alyssa amber amir amy april aria ariana ariel asher ashley ashton austin ava
avery beth blake brandon brenda brian brianna brooke bruce bryan caleb carl carla carly carter chad chase chelsea
chloe claire clara claudia cole colin connor corey courtney crystal dakota dale damian damon darius darren dawn dean
derek diego dylan earl edgar eli elias elijah ellen eric erica erika erin ethan eva evan faith felix fiona gavin glen
gordon grant hailey haley harper hassan hayden hayley heather heidi holly hope hugo hunter ian ibrahim imani ingrid
iris isla ivan jack jackson jada jade jaden jamal jared jason jay jayden jean jenna jill jillian joel joy jude justine
kara karina karl karla kayden kayla keith kelly kendra kerry khalid kian kyle kylie kyra lamar lara larry latoya liam
lily lisa logan lois lola loren loretta lorraine luna lyle lynn mackenzie mara marco margo maria mario marisa marissa
marla marlene marlon mason maya melody mia mila milan miles molly morgan myra myron nadia naomi neil nia nina noah
noel nolan nora norma omar owen paige parker pearl perry peyton phoebe piper quentin quinn ravi reed rhonda riley
rita robin rory rosanna rowan roy ruby ryan rylan rylee sasha scott sean selena seth shane shannon shawn sheila sierra
skylar stacy stella summer tanya tara taylor tia todd tracy travis trevor tristan troy tyler tyrone valeria vera
vernon wade wanda warren wayne wendy yasmin yvette yvonne zoe zoey
"""


def _read():
    lines = {}
    for number, line in enumerate(LINES.strip().splitlines()):
        for name in line.replace(":", " ").split():
            lines.setdefault(name, set()).add(number)
    return lines


_LINES_OF = _read()
_NAMES = frozenset([*_LINES_OF, *MORE.split()])


def are_kin(one, other):
    """Whether one of two folded first names may stand for the other, or both for a third."""
    return not _LINES_OF.get(one, frozenset()).isdisjoint(_LINES_OF.get(other, ()))


def kin_of(folded):
    """The first names that may stand for this one, without it."""
    lines = _LINES_OF.get(folded, frozenset())
    return {name for name, others in _LINES_OF.items() if not lines.isdisjoint(others)} - {folded}


def is_name(folded):
    """Whether this is one of the common first names, so that it is hardly another one mistyped."""
    return folded in _NAMES
