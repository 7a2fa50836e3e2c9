/**
 * Product categories: the IAB Tech Lab's Ad Product Taxonomy 2.0, and three codes of our own (rules.md, Vocabularies).
 *
 * Source: InteractiveAdvertisingBureau/Taxonomies @b7acdca, "Ad Product Taxonomy 2.0.tsv", (c) IAB Technology Laboratory,
 * licensed CC BY 3.0, with the corrections that rules.md names. Names in the order of their codes, which count from 1000;
 * a name has as many dots before it as there are categories above it, the nearest of which is the last with one dot less.
 */

const FIRST = 1000;
const NAMES = `
Ad Safety Risk|Adult Products and Services|Alcohol|.Bars|.Beer|.Hard Sodas, Seltzers, Alco Pops|.Spirits|.Wine|
Culture and Fine Arts|.Museums and Galleries|Business and Industrial|.Advertising and Marketing|.Business Services|
..Consulting|..Employee Expense and Time Tracking Services|..Event Planning|..Human Resources and Recruiting|
..Information Technology Services|..Laundry and Dry Cleaning Services|..Logistics and Delivery|
..Office Equipment and Supplies|..Photographers|..Printing/Fax/WiFi Services|
..Public Relations and Strategic Communication|..Security and Protection|..Storage Facilities|..Telecom Services|
..Web Hosting and Cloud Computing|.Construction|.Energy Industry|..Electric Power Industry|..Energy Services|
..Green Energy|..Oil, Gas and Consumable Fuels|.Forestry and Logging|.Industrial Storage|.Industrials|
..Aerospace and Defense|..Construction and Engineering|..Industrial Conglomerates|
..Trading Companies and Distributors|..Transportation|.Manufacturing|.Medical and Biotechnology|.Mining and Quarrying|
.Science and Laboratory|.Signage|.Small Business|.Waste Disposal and Recycling|Cannabis|.Cannabis Consumables|
..Cannabis Drinks|..Cannabis Edibles|.Cannabis Equipment|.Cannabis Stores|.Cannabis Stocks|.CBD Consumables|
.CBD Topicals|Clothing and Accessories|.Clothing|..Children's Clothing|..Maternity Clothing|..Men's Clothing|
..Sportswear|..Swimwear|..Underwear and Lingerie|..Wedding Dresses/Bridal Wear/Tuxedos|..Women's Clothing|
.Clothing Accessories|.Costumes and Accessories|.Footwear|.Footwear Accessories|.Handbags and Wallets|
.Jewelry and Watches|.Sunglasses|Collectables and Antiques|.Antiques|.Coins and Paper Money|.Collectibles|
.Entertainment Memorabilia|.Sports Memorabilia and Trading Cards|.Stamps|Computer Software|.Browser Extensions|
.Downloadable Utilities|.Enterprise Computer Software|.Personal Computer Software|.Toolbars|Cosmetic Services|
.Beauty Salons|.Hair Salons|.Hair Removal|.Hair Restoration|.Nail Salons|.Med Spas|.Piercing and Tattooing|
.Tanning Salons|Consumer Electronics|.Arcade Equipment|.Camcorders|.Cameras and Photo|..Camera and Photo Accessories|
..Cameras|..Photo Applications|.Circuit Boards and Components|.Communications Electronics|.Computers|..Laptops|
..Desktops|.E-Readers|.Electronics Accessories|.Headphones|.Home Theater Systems|.Marine Electronics|
.Mobile Phones and Accessories|.Networking|.Printers/Copiers/Scanners/Fax|.Security Devices|.Tablets|.Televisions|
.Video Games|.Video Games and Consoles|.Video Game Console Accessories|Consumer Packaged Goods|
.Baby and Toddler Products|..Diapers|..Nursing and Feeding Products|.Back to School Supplies|.Barbeque|..Charcoal|
..Charcoal Lighter Fluids|.Beverages|..Carbonated Soft Drinks|..Coffee and Tea|..Drink Mixes|..Juices|
..Sports/Energy Drinks|..Water|.Cosmetics|..Cosmetics Accessories|..Cosmetics-Nail|..Eye|..Facial|..Lip|..Storage|
.Disposable Tableware|..Cups and Plates|..Disposable Tableware|.Foils, Wraps, and Bags|..Foil Pans|..Foils and Wraps|
..Food and Trash Bags|.Fragrance|..Fragrances - Women's|..Shaving Lotion/Men's Fragrance|.Frozen|..Frozen Baked Goods|
..Frozen Beverages|..Frozen Desserts|..Frozen Fruits and Vegetables|..Frozen Juices|..Frozen Meals|
..Frozen Meat/Poultry/Seafood|..Frozen Snacks|..Other Frozen|.General Food|..Baby Food|..Bakery|..Baking|..Breakfast|
..Candy|..Condiments and Sauces|..Cookies and Crackers|..Fruit|..Meals|..Snacks|..Vegetables|.General Merchandise|
.Grooming Supplies|.Hair Care|..Hair Accessories|..Hair Coloring|..Hair Conditioner|..Hair Growth Products|
..Hair Spray/Spritz|..Hair Styling Gel/Mousse|..Home Permanent/Relaxer Kits|..Shampoo|
.HFSS Products [High Fat, Sugar, Salt]|.Home Care|..Household Cleaning|..Laundry|.Hosiery|..Pantyhose/Nylons|..Socks|
..Tights|.Household/Plastics/Storage|..Bottles|..Drinkware|..Household Plastics|..Kitchen Storage|.Meal Kits|
.Miscellaneous General Merch|.Office/School Supplies|..Children's Art Supplies|..Computer Disks Frmtd/UnFrmtd|
..Office Products|..Writing Instruments|.Over the Counter Medication|.Paper Products|..Facial Tissue|..Paper Napkins|
..Paper Towels|..Toilet Tissue|.Personal Care|.Personal Cleansing|..Bath Products|..Bath/Body Scrubbers/Massagers|
..Deodorant|..Moist Towelettes|..Soap|.Pest Control|..Outdoor Insect/Rodent Control Chem|..Pest Control|.Pet Care|
..Cat/Dog Litter|..Pet Food|..Pet Supplies|..Pet Treats|.Refrigerated|..Dairy|..Refrigerated Baked Goods|
..Refrigerated Beverages|..Refrigerated Condiments|..Refrigerated Desserts|..Refrigerated Dough|..Refrigerated Meals|
..Refrigerated Meats|..Refrigerated Miscellaneous|.Religious Items|.Shaving|..Blades|..Razors|..Shaving Cream|
.Skin Care|..Hand and Body Lotion|..Skin Care|..Suntan Products|.Toys and Games|..Games|..Outdoor Play Equipment|
..Puzzles|..Toys|.Vitamins and Supplements|..Digestive Supplements|..Weightloss Supplements|.Water Treatment|
..Water Filter/Devices|..Water Softeners/Treatment|Dating|.Casual Relationships|.Serious Relationships|
Debated Sensitive Social Issue|Durable Goods|.Electronics/Photography|..Batteries|..Blank Audio/Video Media|
..Photography Supplies|.Furniture|..Indoor Furniture|..Outdoor Furniture|.Grooming Supplies|..Electric Shaver Groomer|
..Hair Appliances|.Tools and Hardware|..Consumer Hardware Supplies|..Industrial Hardware Supplies|
.Home and Garden Products|..Bathroom Accessories|..Bedroom Furniture and Accessories|..Carpets and Rugs|..Fireplaces|
..Home Decor|..Housewares|..Kitchen and Dining Products|..Lawn and Garden Products|..Lighting|..Linens and Bedding|
..Plants|.Household Appliances|.Luggage and Bags|Dieting and Weightloss|.Food Logging|.Weightloss Services|
.Workout and Step Tracking Applications|Education and Careers|.Adult Education|.Certification Programs|
.Colleges and Universities|..Post-Graduate Education|.Education Applications|.Employment Agencies|.Higher Education|
.Language Learning|.Online Education|.Primary Education|.Remote work and school|..Distance learning|..Homeschooling|
..Online Surveys|..Multi-Level Marketing|..Telecommuting|.Study Skills|.Teaching Resources|.Trade Schools|
Events and Performances|.Auctions|.Cinemas and Movie Events|.Comedy Events|.Concerts|
.Conferences, Lectures and Workshops|.Exhibitions|.Fan Conventions|.Fashion Events|.Nightlife Experiences|
.Sporting Events|.Seasonal and Holiday Events|.Theatre and Musicals|Family and Parenting|.Childcare|
..Day Care Centers|..Nanny Services|.Genealogy and Family Trees|.Kids Activities|.Senior Living|Finance and Insurance|
.Accountants and Bookkeepers|.Banking|.Credit and Debt Repair/Credit Reporting|.Credit Cards|.Insurance|
..Auto Insurance|..Home Insurance|..Life Insurance|..Medical Insurance|..Pet Insurance|..Travel Insurance|
.Insurance Coverage Apps|.Mortgage Lenders and Brokers|.Payday and Emergency Loans|.Retirement Planning|
.Stocks and Investments|.Financial Investment and Management Applications|.Student Financial Aid|
.Tax Preparation Services|Food and Beverage Services|.Bakeries|.Catering|.Fast Food|.Food Delivery Services|
.Restaurants|Gambling|.Casinos|.Contests|.Give Aways|.Lottery|.Sports Betting|.Virtual Betting|Green/Eco|
.Green/Eco Products|.Green/Eco Services|Gifts and Holiday Items|.Flowers|.Gift Baskets|.Gift Cards and Coupons|
.Gift Certificates|.Greeting Cards|.Party Goods|Health and Medical Services|.Alternative and Natural Medicine|
.Assisted Living|.Chiropractors|.Clinical Research|.Cosmetic Medical Services|.Dental Care|.Dermatology|
.Drugstores and Pharmacies|.Fertility and Family Planning|.General Practitioners|.Home Healthcare|.Hospitals|
.Mental Health|.Physical Therapists|.Service Provider Search and Scheduling|.Symptom Monitoring Apps|.Vision Care|
Home and Garden Services|.Appliance Repair|.Business and Home Security Services|.Carpeting and Flooring Services|
.Do It Yourself Applications|.Emergency Preparedness|.Flood, Fire and Gas Safety|.Gas and Electric Services|
.Home Improvement and Repair|.Home Security and Monitoring Applications|.Home Service Provider Review|
.Housekeeping Services|.Landscaping Services|.Lawn and Garden Services|.Pest Exterminators|.Plumbers|
.Pool and Spa Installation and Maintenance|.Remodeling and Construction|.Water Services|
.Window Installation and Treatments|Legal Services|.Lawyers|.Bail Bonds|Media|.Blogs/Forums/Social Networks|
.Book Reading and Review Applications|.Books and Audio Books|.Casual Games|..Casual Games Apps|.Core Gaming|
..Core Gaming Apps|.CDs and Vinyl Records|.DVDs|.Live Television|.Magazines and Newspapers|
.Music and Video Streaming Services|.News and Analysis|.Radio and Podcasts|.Sports|..Fantasy Sports|
..Sports Highlights|..Team News and Analysis|.Utilities Apps|..Productivity Apps|..Reference Apps|
..Search Engine Apps|..Weather Apps|Metals|.Coin Trade In|.Gold Trade In|.Platinum Trade In|.Silver Trade In|
Non-Fiat Currency|.Cryptocurrency Exchanges|.Cryptocurrency Stock|.NFTs|Non-Profits|.Charities and Donations|
.Civic Organizations|.Federations and Professional Associations|.Military Organizations|
.Non-Governmental Organizations|.Public Service Announcements|.Scholarships|Pet Ownership|.Pet Adoption|.Pet Breeders|
.Pet Care and Supply Applications|.Pet Grooming|.Pet Sitting|.Veterinary Services|Personal/Consumer Telcom|
.Home Internet Services|.Home Phone Services|.Home Television Services|.Mobile Phone Plans|
.Prepaid International Phone Services|Pharmaceuticals|Politics|.Ballot measures|.Elections|
.Political Action Committees|.Political Analysis and Opinion|.Political candidates|.Political Donations|
.Referendums or promoting causes; eg: Healthcare reform, energy trades (Oil/Solar), etc...|Real Estate|
.Commercial Real Estate|.Real Estate Rentals|.Real Estate Sales|.Real Estate Services For Owners|
Religion and Spirituality|.Astrology|.Prayer and Mindfullness Applications|.Prayer and worship services|
.Religious causes|.Religious charities|.Religious organizations|Retail|.Arts and Crafts Supplies|.Cell Phone Stores|
.Clothing Stores|.Department Stores|.eCommerce|.Factory Outlet Stores|.Grocery Stores and Supermarkets|
.Hardware Stores|.Musical Instruments and Record Stores|.Pawn Shops|.Pet and Pet Supply Stores|.Shopping Malls|
.Specialty Stores|.Sporting Goods Stores|.Ticket Services|Fitness Activities|.Dance Studios|.Gyms and Health Clubs|
.Participant Sports Leagues|.Personal Trainers|.Self Defense and Martial Arts Classes|.Swimming Facilities|
.Workout and Step Tracking Applications|.Yoga Studios|Sexual Health|.Contraceptives|.Doctor Perscribed Medicines|
.Fertility Tracking Applications|.Non-perscribed Performance Enhancers|Sporting Goods|.Athletics Equipment|
.Exercise and Fitness Equipment|.Indoor Games Equipment|.Outdoor Recreation Equipment|Travel and Tourism|
.Accommodations|..Bed and Breakfasts|..Camping and Camp Grounds|..Hotels and Resorts|..Motels|..Timeshares|
..Vacation Rentals|.Air Travel|.Cruises|.Rail Travel|.Sightseeing Tours and Activities|
.Travel Agents and Online Travel Services|.Travel Packages|.Travel Planning and Itinerary Management Applications|
Tobacco|.Cigars|.Cigarettes|.Smokeless Tobacco|.Vaping|.Vaping Cartridges|.Vaporizors|Vehicles|.Automotive Leasing|
.Automotive Ownership|..New vehicle Ownership|..Pre-owned Automotive Ownership|.Automotive Products|
..Automotive Care Products|..Automotive Parts and Accessories|..Aftermarket Parts and Accessories|
.Automotive Services|..Auto Towing|..Auto Repair|..Car Wash|.Automotive Sales Applications|.Ride-sharing Services|
.Taxi Services|.Vehicle Rental|.Vehicle Type|..Boats|..Diesel Vehicles|..Electric Vehicles|..Gas Vehicles|
..Hybrid Vehicles|..Recreational Vehicles|..Scooters, Motorbikes, and E-bikes|Weapons and Ammunition|.Ammunition|
.Guns|.Gun Accessories|.Gun Shows and Auctions|.Non-Projectile Weapons|.Taser and Stun Guns
`;
const OWN = new Map([["x-fur", "Fur"], ["x-leather", "Leather"], ["x-religion", "Religion"]]);

/** @type {Map<string, {parent: string | null, name: string}>} */
export const CATEGORIES = new Map();

/** Codes of the category that is read and of those above it. @type {string[]} */
const open = [];
NAMES.trim().split(/\|\n?/).forEach((dotted, place) => {
  const name = dotted.replace(/^\.*/, ""), depth = dotted.length - name.length, code = String(FIRST + place);
  CATEGORIES.set(code, { parent: open[depth - 1] ?? null, name });
  open.splice(depth, Infinity, code);
});
for (const [code, name] of OWN) CATEGORIES.set(code, { parent: null, name });

/** The categories above one. @param {string} code @returns {string[]} */
export function ancestors(code) {
  const above = [];
  for (let parent = CATEGORIES.get(code)?.parent; parent; parent = CATEGORIES.get(parent)?.parent) above.push(parent);
  return above;
}
